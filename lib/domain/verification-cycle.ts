import { z } from 'zod'

/** How often everything that is stored is read back; the key `verification` of the settings. */
export const verificationSettingsInput = z.object({
  /** within so many days every copy is read in full */
  fullDays: z.number().int().min(1).max(3650),
  /** of one storage, in 24 hours; null: no cap */
  bytesPerDay: z.number().int().positive().nullable(),
  /** of one reading; null: as fast as it goes */
  bytesPerSecond: z.number().int().positive().nullable(),
})
export type VerificationSettings = z.output<typeof verificationSettingsInput>
export const verificationDefaults: VerificationSettings = { fullDays: 30, bytesPerDay: null, bytesPerSecond: null }

/** One readable copy of a storage. */
export interface CycleCopy {
  id: string
  bytes: number
  databaseId: string
  /** recovery point of its backup */
  createdAt: Date
  storedAt: Date | null
  /** null: never */
  verifiedAt: Date | null
  /** a reading of it was asked for within the last day, whatever became of it: not again so soon */
  tried: boolean
}

const dayMs = 86_400_000

/** When a copy was last known to be good, at best: what was never read is as old as its storing. */
function knownAt(copy: CycleCopy): number {
  return (copy.verifiedAt ?? copy.storedAt ?? new Date(0)).getTime()
}

/** From then on a copy has not been read for longer than the cycle asks for. */
export function isOverdue(copy: CycleCopy, now: Date, fullDays: number): boolean {
  return knownAt(copy) + fullDays * dayMs < now.getTime()
}

/**
 * Ids of the copies of one storage to read now, the oldest first.
 * Every copy is read in full before it is `fullDays` old. As few as possible are due today, yet so many that no later day has more than its
 * even share, n / fullDays: a thousand copies that were all stored on one day are read over thirty days and not on the thirtieth. A day of
 * margin is kept. Behind with more than that, it catches up at twice the even share. With them goes a daily sample: the newest copy of one
 * database, another one each day, because that is what a restore would read.
 * `ticksPerDay`: how often this is asked in a day; a day's work is spread over them.
 * `readBytes`: what the cycle has asked for in the last 24 hours; a cap never holds back the only reading of a day.
 */
export function dueForVerification(options: {
  copies: readonly CycleCopy[]
  now: Date
  settings: VerificationSettings
  ticksPerDay: number
  readBytes: number
}): string[] {
  const { copies, now, settings, readBytes } = options
  const planDays = Math.max(1, settings.fullDays - 1)
  const evenShare = Math.ceil(copies.length / planDays)
  const oldestFirst = copies.toSorted((a, b) => knownAt(a) - knownAt(b) || (a.id < b.id ? -1 : 1))
  let today = 0
  for (const [at, copy] of oldestFirst.entries()) {
    const laterDays = Math.max(0, Math.floor((knownAt(copy) + planDays * dayMs - now.getTime()) / dayMs))
    today = Math.max(today, at + 1 - evenShare * laterDays)
  }
  const perTick = Math.ceil((2 * evenShare) / options.ticksPerDay)
  const due = oldestFirst.slice(0, Math.min(today, 2 * evenShare)).filter((copy) => !copy.tried)
  const sample = sampleOf(copies, now)
  const wanted = [...(sample === null ? [] : [sample]), ...due.filter((copy) => copy !== sample).slice(0, perTick)]

  const cap = settings.bytesPerDay ?? Number.POSITIVE_INFINITY
  const chosen: string[] = []
  let bytes = readBytes
  for (const copy of wanted) {
    if (bytes > 0 && bytes + copy.bytes > cap) continue
    chosen.push(copy.id)
    bytes += copy.bytes
  }
  return chosen
}

function sampleOf(copies: readonly CycleCopy[], now: Date): CycleCopy | null {
  const newest = new Map<string, CycleCopy>()
  for (const copy of copies) {
    const known = newest.get(copy.databaseId)
    if (known === undefined || copy.createdAt > known.createdAt) newest.set(copy.databaseId, copy)
  }
  const databases = [...newest.keys()].toSorted()
  const sample = newest.get(databases[Math.floor(now.getTime() / dayMs) % databases.length] ?? '')
  return sample === undefined || sample.tried || knownAtAll(sample) > now.getTime() - dayMs ? null : sample
}

const knownAtAll = (copy: CycleCopy) => copy.verifiedAt?.getTime() ?? 0
