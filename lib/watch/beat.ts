import { type Kysely, sql } from 'kysely'
import { oldestUndelivered } from '#lib/catalog/messages.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readHeartbeatSettings, readHeartbeatState, writeHeartbeatState } from '#lib/catalog/watch-settings.ts'
import { readWatchState } from '#lib/catalog/watch-state.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type BeatFacts, beatWithheld, isBeatDue } from '#lib/domain/watch/beat.ts'
import { isStale } from '#lib/domain/watch/check-kinds.ts'
import type { HeartbeatSettings, HeartbeatState } from '#lib/domain/watch/heartbeat.ts'
import { sendHeartbeat } from '#lib/notify/heartbeat.ts'
import { notDelivered, type Sent } from '#lib/notify/sent.ts'

export interface Beating {
  /** opens the sealed address; throws where this process cannot */
  open: (sealed: string) => string
  signal?: AbortSignal
}

/** any 64 bits that nothing else locks */
const lockId = 7_310_482_115_903_772n

/**
 * The outbound heartbeat, after a healthy cycle: only workers send it, so it also says that one lives. What is not healthy withholds it, and the
 * service that waits for it calls. `now`: the catalogue's clock. Returns what was done.
 */
export async function beat(catalog: Kysely<Catalog>, now: Date, beating: Beating): Promise<'sent' | 'failed' | 'withheld' | 'not due'> {
  const settings = await readHeartbeatSettings(catalog)
  if (settings.urlSealed === null) return 'not due'
  const withheld = beatWithheld(settings, await readFacts(catalog, now))
  const state = await take(catalog, settings, now, withheld)
  if (state === null) return 'not due'
  if (withheld !== null) return 'withheld'
  const sent = await tryBeat(settings, beating)
  await writeHeartbeatState(catalog, afterBeat(state, sent, now))
  return sent.ok ? 'sent' : 'failed'
}

async function tryBeat(settings: HeartbeatSettings, { open, signal }: Beating): Promise<Sent> {
  try {
    const url = open(settings.urlSealed ?? '')
    return await sendHeartbeat(url, { ...settings, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    return notDelivered(`${asLifeboatError(error).message} Type the address in again.`, { permanent: true })
  }
}

/** Of several workers one sends it. null: it is not due, or another one has it. */
async function take(catalog: Kysely<Catalog>, settings: HeartbeatSettings, now: Date, withheld: string | null): Promise<HeartbeatState | null> {
  return catalog.transaction().execute(async (trx) => {
    const { rows } = await sql<{ mine: boolean }>`SELECT pg_try_advisory_xact_lock(${lockId.toString()}::bigint) AS mine`.execute(trx)
    if (rows[0]?.mine !== true) return null
    const state = await readHeartbeatState(trx)
    if (!isBeatDue(settings, state, now)) {
      if (state.withheld !== withheld && withheld !== null) await writeHeartbeatState(trx, { ...state, withheld })
      return null
    }
    const taken = withheld === null ? { ...state, lastTriedAt: now.toISOString(), withheld } : { ...state, withheld }
    await writeHeartbeatState(trx, taken)
    return taken
  })
}

function afterBeat(state: HeartbeatState, sent: Sent, now: Date): HeartbeatState {
  if (sent.ok) return { ...state, lastOkAt: now.toISOString(), failingSince: null, problem: null }
  return { ...state, failingSince: state.failingSince ?? now.toISOString(), problem: sent.answer }
}

async function readFacts(catalog: Kysely<Catalog>, now: Date): Promise<BeatFacts> {
  const [rounds, check, undeliveredSince, open] = await Promise.all([
    readWatchState(catalog),
    catalog.selectFrom('checks').select(['status', 'words', 'checked_at']).where('kind', '=', 'watch').executeTakeFirst(),
    oldestUndelivered(catalog, now),
    catalog
      .selectFrom('alerts')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .where('resolved_at', 'is', null)
      .where('acknowledged_at', 'is', null)
      .where('severity', '=', 'critical')
      .executeTakeFirstOrThrow(),
  ])
  return {
    now,
    lastRoundAt: rounds?.lastRoundAt ?? null,
    watch: check === undefined || isStale('watch', check.checked_at, now) ? null : { ok: check.status === 'ok', words: check.words },
    undeliveredSince,
    openCritical: Number(open.count),
  }
}
