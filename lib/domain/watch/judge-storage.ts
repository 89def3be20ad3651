import { forecastStorage, fullShare, type UsageDay } from '../capacity-forecast.ts'
import type { ErrorCode } from '../errors.ts'
import { formatBytes, formatUtc } from '../units.ts'
import type { CheckKind, CheckResult } from './check-kinds.ts'
import { judgeCertificate } from './judge-certificate.ts'
import type { Judged } from './judge-database.ts'

/** What one look at a storage saw. */
export interface StorageLook {
  /** what was wrong; null: it gave its marker back, and took and gave back what was written where `wrote` is true */
  problem: StorageProblem | null
  /** until its marker was read; null: it was not */
  latencyMs: number | null
  wrote: boolean
  /** when something was last written there to see whether it takes it; null: never */
  writtenAt: Date | null
  /** of an https endpoint; null: there is none, or it was not looked at now */
  certificateEndsAt: Date | null
}
export interface StorageProblem {
  code: ErrorCode
  message: string
  hint: string
  /** what the store answered, as its code */
  reply: string | null
}
export interface KnownStorage {
  id: string
  name: string
  kind: 'local' | 's3'
  medium: 'online' | 'offline'
  /** it was last there */
  lastSeenAt: Date | null
  budgetBytes: number | null
  usedBytes: number | null
  /** as of now, or as of when it was last there */
  totalBytes: number | null
  freeBytes: number | null
  usage: readonly UsageDay[]
}

export const roomLimits = { warning: fullShare, critical: 0.95 } as const

/** These say that this machine cannot ask, and nothing about the storage. */
const notAsked: ReadonlySet<ErrorCode> = new Set(['key_missing', 'wrong_key', 'not_found', 'cancelled', 'interrupted', 'failed'])

/** What a store says when it does not know whoever asks, or does not believe him. */
const badCredentials: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'InvalidSecurity',
  'CredentialsProviderError',
  '401',
])

/** The checks of a storage that were made by asking it. `now`: the catalogue's clock. */
export function judgeStorage(storage: KnownStorage, look: StorageLook, now: Date): CheckResult[] {
  const about = (kind: CheckKind, judged: Judged): CheckResult => ({
    kind,
    subject: storage.id,
    subjectName: storage.name,
    databaseId: null,
    storageId: storage.id,
    status: judged.status,
    words: judged.words,
    value: judged.value ?? null,
    detail: judged.detail ?? {},
  })
  const results = [about('storage_reachable', judgeReachable(storage, look)), about('storage_room', judgeRoom(storage, look, now))]
  if (look.certificateEndsAt !== null) results.push(about('storage_certificate', judgeCertificate(look.certificateEndsAt, now)))
  return results
}

function isAway(storage: KnownStorage, { problem }: StorageLook): boolean {
  return storage.medium === 'offline' && problem?.code === 'storage_absent'
}

function judgeReachable(storage: KnownStorage, look: StorageLook): Judged {
  const { problem, latencyMs, wrote } = look
  const detail = { writtenAt: look.writtenAt?.toISOString() ?? null, lastSeenAt: storage.lastSeenAt?.toISOString() ?? null }
  if (problem === null) {
    const value = latencyMs === null ? null : Math.round(latencyMs)
    const took = value === null ? '' : ` in ${value} ms`
    const words = wrote
      ? `It answers${took}, and gave back what was written there.`
      : `It answers${took}; what was last written there came back${look.writtenAt === null ? '' : ` (${formatUtc(look.writtenAt)})`}.`
    return { status: 'ok', words, value, detail }
  }
  if (isAway(storage, look)) {
    const seen = storage.lastSeenAt === null ? 'never seen' : `last seen ${formatUtc(storage.lastSeenAt)}`
    return {
      status: 'ok',
      words: `It is an offline medium: offline, ${seen}. Copies for it wait until it is back.`,
      detail: { ...detail, offline: true },
    }
  }
  const status = notAsked.has(problem.code) ? 'unknown' : 'critical'
  const refused = problem.code === 'storage_refused' && problem.reply !== null && badCredentials.has(problem.reply)
  const words = refused
    ? `The storage does not accept the credentials (${problem.reply}). Check the access key, and whether it was rotated; new ones can be given on the storage’s page.`
    : `${problem.message} ${problem.hint}`.trim()
  return { status, words, detail: { ...detail, code: refused ? 'credentials_refused' : problem.code } }
}

function judgeRoom(storage: KnownStorage, look: StorageLook, now: Date): Judged {
  const { usage, usedBytes, budgetBytes, totalBytes, freeBytes } = storage
  const away = isAway(storage, look)
  if (look.problem?.code === 'disk_full') return { status: 'critical', words: look.problem.message, value: 1 }
  if (look.problem !== null && !away) return { status: 'unknown', words: `It could not be looked at: ${look.problem.message}` }
  const forecast = forecastStorage({ usage, now, usedBytes, totalBytes, freeBytes, budgetBytes })
  const shares = [
    ...(totalBytes !== null && freeBytes !== null && totalBytes > 0 ? [(totalBytes - freeBytes) / totalBytes] : []),
    ...(budgetBytes !== null && budgetBytes > 0 && usedBytes !== null ? [usedBytes / budgetBytes] : []),
  ]
  const value = shares.length === 0 ? null : Math.max(...shares)
  const free = freeBytes === null ? '' : ` ${formatBytes(freeBytes)} are free.`
  const seen = away && storage.lastSeenAt !== null ? `As of ${formatUtc(storage.lastSeenAt)}: ` : ''
  const words = `${seen}${forecast.words}${free}`
  const detail = { fillsAt: forecast.fillsAt }
  if (value === null || value < roomLimits.warning) return { status: 'ok', words, value, detail }
  const advice = 'Make room before the next backup needs it, or shorten the retention.'
  return { status: value >= roomLimits.critical ? 'critical' : 'warning', words: `${words} ${advice}`, value, detail }
}
