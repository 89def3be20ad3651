import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Connection, openClient } from './connection.ts'

/** The session that keeps a name on a server for a restore; `applicationName` is `lifeboat/<operation>/<attempt>`. */
export interface LockHolder {
  pid: number
  applicationName: string
}

export interface TargetLock {
  /** aborted when the session ended without our doing: from then on another restore may begin under the same name */
  lost: AbortSignal
  release(): Promise<void>
}

const askEveryMs = 15_000
/** A server that answers nothing for that long has lost the session, or we have. */
const answerWithinMs = 60_000

/**
 * Keeps every other Lifeboat from restoring into a database of this name on this server, also one with another catalogue: ours has its own
 * unique index for that, and a stranger's has not. A session lock, so it cannot outlive the process that took it. Creates nothing.
 * Throws `conflict` with the holder in its detail.
 */
export async function lockTarget(conn: Connection, name: string, options: { askEveryMs?: number } = {}): Promise<TargetLock> {
  // without a signal: an abort would end the session before the restore has cleaned up behind itself
  const client = await openClient(conn)
  try {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_catalog.pg_try_advisory_lock($1::pg_catalog.int8) AS taken', [
      keyOf(name).whole,
    ])
    // advisory locks are a database's own, and two restores may have come in by different ones: each takes its lock before it looks
    const holder = await targetHolder(client, name, null)
    if (holder !== null || rows[0]?.taken !== true) throw held(name, holder)
  } catch (error) {
    await client.end()
    throw error
  }
  return watch(client, name, options.askEveryMs ?? askEveryMs)
}

/** Who keeps this name on the server, through whichever of its databases; null: nobody, or only `except` (an application_name). */
export async function targetHolder(client: Client, name: string, except: string | null): Promise<LockHolder | null> {
  const { high, low } = keyOf(name)
  const { rows } = await client.query<{ pid: number; name: string | null }>(
    `SELECT l.pid, a.application_name AS name FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid::pg_catalog.int8 = $1 AND l.objid::pg_catalog.int8 = $2
       AND l.pid <> pg_catalog.pg_backend_pid() AND a.application_name IS DISTINCT FROM $3
     ORDER BY l.pid LIMIT 1`,
    [high, low, except],
  )
  return rows[0] === undefined ? null : { pid: rows[0].pid, applicationName: rows[0].name ?? '' }
}

/** In words, for an error or a finding. */
export function holderText(holder: LockHolder | null): string {
  if (holder === null) return 'another session'
  return `${holder.applicationName || 'a session without a name'} (server process ${holder.pid})`
}

export const holderRemedy =
  'Wait until it has ended, or choose another name. If that Lifeboat is gone for good, an administrator of the server can end the process.'

function held(name: string, holder: LockHolder | null): LifeboatError {
  return new LifeboatError(
    'conflict',
    `A restore into “${name}” is at work on this server already: ${holderText(holder)}.`,
    `Nothing was touched. ${holderRemedy}`,
    { detail: { holder } },
  )
}

function watch(client: Client, name: string, everyMs: number): TargetLock {
  const lost = new AbortController()
  let released = false
  const lose = (cause?: unknown) => {
    clearInterval(timer)
    if (released || lost.signal.aborted) return
    lost.abort(
      new LifeboatError(
        'unreachable',
        `The session that kept other restores away from “${name}” broke off, so this restore was ended.`,
        'What it had created is removed again. Restore again when the server answers.',
        { cause },
      ),
    )
  }
  // a connection that vanished in the network says nothing by itself; the question also keeps it from being taken for idle
  const timer = setInterval(() => void within(answerWithinMs, client.query('SELECT 1')).catch(lose), everyMs)
  timer.unref()
  client.once('error', lose)
  client.once('end', () => lose())
  return {
    lost: lost.signal,
    async release() {
      released = true
      clearInterval(timer)
      await client.end().catch(() => undefined)
    },
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms / 1000} s`)), ms)
    timer.unref()
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** 64 bits of a name of our own: as one number for the lock, as its halves for pg_locks. */
function keyOf(name: string): { whole: string; high: string; low: string } {
  const digest = createHash('sha256').update(`lifeboat restore into\0${name}`).digest()
  return { whole: String(digest.readBigInt64BE(0)), high: String(digest.readUInt32BE(0)), low: String(digest.readUInt32BE(4)) }
}
