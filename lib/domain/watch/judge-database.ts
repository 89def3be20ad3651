import type { ErrorCode } from '../errors.ts'
import { formatBytes, formatCount, formatDate, formatDuration, formatShare } from '../units.ts'
import type { CheckKind, CheckResult, CheckStatus } from './check-kinds.ts'
import { judgeCertificate } from './judge-certificate.ts'

/** What one look at a database saw. What the role may not see, or what could not be read, is a sentence instead. */
export interface DatabaseLook {
  /** from the first byte to the first answer, TLS and sign-in included */
  latencyMs: number
  version: string
  databaseBytes: number
  /** null: another connection to tell by could not be had */
  isTransactionPooler: boolean | null
  connections: ConnectionFacts | Hidden
  replication: ReplicationFacts | Hidden
  archiving: ArchivingFacts | Hidden
  /** null: no TLS, so there is none */
  certificateEndsAt: Date | null
}
export interface Hidden {
  /** a sentence: why */
  hidden: string
}
export interface ConnectionFacts {
  used: number
  /** what is left of max_connections for roles like ours */
  limit: number
}
export interface ReplicationFacts {
  /** the database is itself a standby; null: it is none */
  standby: { receiving: boolean; behindBytes: number | null; behindSeconds: number | null } | null
  /** those that follow it; null: the role may see that they are there, and no more */
  followers: { name: string; behindBytes: number | null; behindSeconds: number | null }[] | { unseen: number }
  slots: { name: string; active: boolean; retainedBytes: number | null; lost: boolean }[]
}
export interface ArchivingFacts {
  mode: 'off' | 'on' | 'always'
  /** a standby: it archives nothing unless the mode is `always` */
  inRecovery: boolean
  lastArchivedAt: Date | null
  lastFailedAt: Date | null
  failedCount: number
  /** since when these are counted */
  countedFrom: Date | null
}

/** Why a database did not answer, after it was tried twice. */
export interface DatabaseRefusal {
  code: ErrorCode
  message: string
  hint: string
  /** the connection failed because the server's certificate has ended */
  certificateEnded: boolean
}
export type DatabaseSeen = { look: DatabaseLook } | { refusal: DatabaseRefusal }

const mebibyte = 2 ** 20
/** From where on a person should look, and from where on it is urgent. */
export const databaseLimits = {
  slowMs: 5_000,
  connections: { warning: 0.8, critical: 0.95 },
  /** a standby that follows, and the database itself where it is one */
  behindBytes: { warning: 256 * mebibyte },
  behindSeconds: { warning: 300, critical: 3600 },
  /** WAL that a slot nobody reads keeps on the server: it fills the disk */
  retainedBytes: { warning: 256 * mebibyte, critical: 4096 * mebibyte },
  /** nothing was archived for so long, and it fails */
  archivingSeconds: { critical: 3600 },
} as const

/** `usage`, `tls` and the like say something about the database; these only say that this machine cannot ask. */
const notAsked: ReadonlySet<ErrorCode> = new Set(['key_missing', 'wrong_key', 'corrupt', 'not_found', 'cancelled', 'interrupted', 'failed'])

/** The checks of a database that were made by asking it. `now`: the catalogue's clock. */
export function judgeDatabase(database: { id: string; name: string }, seen: DatabaseSeen, now: Date): CheckResult[] {
  const about = (kind: CheckKind, judged: Judged): CheckResult => ({
    kind,
    subject: database.id,
    subjectName: database.name,
    databaseId: database.id,
    storageId: null,
    status: judged.status,
    words: judged.words,
    value: judged.value ?? null,
    detail: judged.detail ?? {},
  })
  const results = 'look' in seen ? judgeLook(seen.look, now) : judgeRefusal(seen.refusal)
  return results.map(([kind, judged]) => about(kind, judged))
}

export interface Judged {
  status: CheckStatus
  words: string
  value?: number | null
  detail?: Record<string, unknown>
}

function judgeRefusal(refusal: DatabaseRefusal): [CheckKind, Judged][] {
  const { code, certificateEnded } = refusal
  const words = `${refusal.message} ${refusal.hint}`.trim()
  const unasked: Judged = { status: 'unknown', words: `It could not be asked: ${refusal.message}` }
  const full = code === 'too_many_connections'
  return [
    ['database_reachable', { status: notAsked.has(code) ? 'unknown' : 'critical', words, detail: { code } }],
    ['database_connections', full ? { status: 'critical', words: 'Every connection is taken: it lets nobody else in.', value: 1 } : unasked],
    ['database_replication', unasked],
    ['database_archiving', unasked],
    ...(certificateEnded
      ? [
          ['certificate', { status: 'critical', words: 'Its certificate has ended: whoever checks it does not connect. Renew it.' }] as [
            CheckKind,
            Judged,
          ],
        ]
      : []),
  ]
}

function judgeLook(look: DatabaseLook, now: Date): [CheckKind, Judged][] {
  return [
    ['database_reachable', judgeReachable(look)],
    ['database_connections', 'hidden' in look.connections ? hidden(look.connections) : judgeConnections(look.connections)],
    ['database_replication', 'hidden' in look.replication ? hidden(look.replication) : judgeReplication(look.replication)],
    ['database_archiving', 'hidden' in look.archiving ? hidden(look.archiving) : judgeArchiving(look.archiving, now)],
    ...(look.certificateEndsAt === null ? [] : [['certificate', judgeCertificate(look.certificateEndsAt, now)] as [CheckKind, Judged]]),
  ]
}

function hidden({ hidden: why }: Hidden): Judged {
  return { status: 'unknown', words: why }
}

function judgeReachable(look: DatabaseLook): Judged {
  const { latencyMs, version, databaseBytes, isTransactionPooler } = look
  const value = Math.round(latencyMs)
  const detail = { version, databaseBytes }
  if (isTransactionPooler === true) {
    const words =
      'It answers, but this address is a transaction pooler, on which a dump cannot keep its snapshot: every backup is refused. Use the direct connection or the session pooler (Supabase: port 5432 instead of 6543).'
    return { status: 'warning', words, value, detail: { ...detail, code: 'transaction_pooler' } }
  }
  const what = `PostgreSQL ${version}, ${formatBytes(databaseBytes)}`
  if (latencyMs >= databaseLimits.slowMs)
    return { status: 'warning', words: `It answers slowly: a connection took ${formatDuration(latencyMs / 1000)}. ${what}.`, value, detail }
  return { status: 'ok', words: `It answers in ${value} ms: ${what}.`, value, detail }
}

function judgeConnections({ used, limit }: ConnectionFacts): Judged {
  const share = limit <= 0 ? 1 : used / limit
  const words = `${used} of ${formatCount(limit, 'connection')} are taken (${formatShare(Math.min(share, 1))}).`
  const { warning, critical } = databaseLimits.connections
  const detail = { used, limit }
  if (share >= critical) {
    return {
      status: 'critical',
      words: `${words} Soon it lets nobody in, and no backup either: close some or raise max_connections.`,
      value: share,
      detail,
    }
  }
  if (share >= warning) return { status: 'warning', words: `${words} Close some or raise max_connections.`, value: share, detail }
  return { status: 'ok', words, value: share, detail }
}

function judgeReplication({ standby, followers, slots }: ReplicationFacts): Judged {
  const found: Judged[] = []
  if (standby !== null) found.push(judgeStandby(standby))
  if ('unseen' in followers) {
    if (followers.unseen > 0) {
      const words = `${formatCount(followers.unseen, 'standby', 'standbys')} ${followers.unseen === 1 ? 'follows' : 'follow'} it, and this role may not see how far behind: GRANT pg_monitor to it.`
      found.push({ status: 'unknown', words })
    }
  } else for (const one of followers) found.push(judgeFollower(one))
  for (const slot of slots) found.push(judgeSlot(slot))
  if (found.length === 0) return { status: 'ok', words: 'No standby and no replication slot depends on it.', value: null }
  found.sort((a, b) => urgency[a.status] - urgency[b.status])
  const worst = found[0]?.status ?? 'ok'
  const told = worst === 'ok' ? found : found.filter((one) => one.status !== 'ok')
  const sizes = found.flatMap((one) => (typeof one.value === 'number' ? [one.value] : []))
  return {
    status: worst,
    words: told
      .slice(0, 5)
      .map((one) => one.words)
      .join(' '),
    value: sizes.length === 0 ? null : Math.max(...sizes),
  }
}

const urgency = { critical: 0, warning: 1, unknown: 2, ok: 3 } satisfies Record<CheckStatus, number>

function judgeStandby({ receiving, behindBytes, behindSeconds }: NonNullable<ReplicationFacts['standby']>): Judged {
  if (receiving && behindBytes === 0) return { status: 'ok', words: 'It is a standby, and has applied all that it received.', value: 0 }
  if (behindSeconds === null) return { status: 'unknown', words: 'It is a standby, and how far it is behind is not known.', value: behindBytes }
  const words = `It is a standby, ${formatDuration(behindSeconds)} behind${receiving ? '' : ', and receives nothing now'}.`
  const { warning, critical } = databaseLimits.behindSeconds
  const status = behindSeconds >= critical ? 'critical' : behindSeconds >= warning ? 'warning' : 'ok'
  return { status, words: status === 'ok' ? words : `${words} A backup of it is as old.`, value: behindBytes }
}

function judgeFollower({ name, behindBytes, behindSeconds }: { name: string; behindBytes: number | null; behindSeconds: number | null }): Judged {
  const who = name === '' ? 'A standby' : `The standby ${quoted(name)}`
  if (behindBytes === null) return { status: 'unknown', words: `${who} follows, and does not say how far it is.` }
  const late = behindSeconds !== null && behindSeconds >= databaseLimits.behindSeconds.warning
  const words = `${who} is ${formatBytes(behindBytes)} behind${behindSeconds === null || behindSeconds < 1 ? '' : ` (${formatDuration(behindSeconds)})`}.`
  return { status: late || behindBytes >= databaseLimits.behindBytes.warning ? 'warning' : 'ok', words, value: behindBytes }
}

function judgeSlot({ name, active, retainedBytes, lost }: ReplicationFacts['slots'][number]): Judged {
  const what = `The replication slot ${quoted(name)}`
  if (lost) return { status: 'warning', words: `${what} has lost the WAL that its reader needs: make the standby or the subscription anew.` }
  if (active) return { status: 'ok', words: `${what} is read.`, value: retainedBytes }
  const { warning, critical } = databaseLimits.retainedBytes
  if (retainedBytes === null) return { status: 'ok', words: `${what} keeps no WAL.` }
  const words = `${what} is read by nobody and keeps ${formatBytes(retainedBytes)} of WAL`
  if (retainedBytes < warning) return { status: 'ok', words: `${words}.`, value: retainedBytes }
  return {
    status: retainedBytes >= critical ? 'critical' : 'warning',
    words: `${words}, until the server’s disk is full. Start its reader, or drop it: SELECT pg_drop_replication_slot(…).`,
    value: retainedBytes,
  }
}

function judgeArchiving(facts: ArchivingFacts, now: Date): Judged {
  const { mode, inRecovery, lastArchivedAt, lastFailedAt, failedCount, countedFrom } = facts
  if (mode === 'off')
    return { status: 'ok', words: 'The server archives no WAL: it can be brought back to the moments of its backups, and to none between.' }
  if (inRecovery && mode === 'on') return { status: 'ok', words: 'A standby archives nothing; its primary does.' }
  const fails = lastFailedAt !== null && (lastArchivedAt === null || lastFailedAt > lastArchivedAt)
  if (fails) {
    const since = lastArchivedAt ?? countedFrom
    const seconds = since === null ? null : (now.getTime() - since.getTime()) / 1000
    const last = lastArchivedAt === null ? 'Nothing was ever archived' : `Nothing was archived for ${formatDuration(seconds)}`
    return {
      status: seconds !== null && seconds < databaseLimits.archivingSeconds.critical ? 'warning' : 'critical',
      words: `Archiving fails. ${last}, after ${formatCount(failedCount, 'failure')} in all. WAL piles up on the server until its disk is full: look at archive_command and at the server’s log.`,
      detail: { failedCount },
    }
  }
  if (lastArchivedAt === null) return { status: 'unknown', words: 'Archiving is on, and nothing was archived yet: whether it works is not known.' }
  return {
    status: 'ok',
    words: `The server archives its WAL, the last time on ${formatDate(lastArchivedAt)}, ${formatDuration((now.getTime() - lastArchivedAt.getTime()) / 1000)} ago.`,
  }
}

/** A name from a foreign server: cut, and what could begin another line taken out. */
function quoted(name: string): string {
  return `“${name.replaceAll(/\p{Cc}/gu, '').slice(0, 63)}”`
}
