import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { keepProbes, type ProbeKind, takeDueProbe } from '#lib/catalog/probes.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'

export interface Asking {
  kind: ProbeKind
  /** everything there is of this kind */
  subjects: readonly string[]
  /** those that this machine may ask; default: every one */
  among?: readonly string[]
  everySeconds: number
  /** so many side by side: one that hangs holds up its own place, and no other */
  atOnce: number
  ask: (subject: string) => Promise<void>
  signal: AbortSignal
}

/** Asks whatever is due, once however many workers do so at the same time. What cannot be asked leaves its checks to grow stale, which is unknown. */
export async function askAll(catalog: Kysely<Catalog>, asking: Asking): Promise<void> {
  const { kind, subjects, among = subjects, everySeconds, atOnce, ask } = asking
  await keepProbes(catalog, kind, subjects, await catalogueNow(catalog))
  const place = async () => {
    while (!asking.signal.aborted) {
      const now = await catalogueNow(catalog)
      const subject = await takeDueProbe(catalog, kind, { among, now, nextAt: new Date(now.getTime() + everySeconds * 1_000) })
      if (subject === null) return
      try {
        await ask(subject)
      } catch (error) {
        if (asking.signal.aborted) return
        log.warn('something could not be asked how it is', { kind, subject, reason: asLifeboatError(error).message })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, among.length) }, place))
}
