import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { reasonIn } from '#lib/engine/postgres/server-programs.ts'
import { freePort } from './ports.ts'
import { ownSecret } from './own-secret.ts'
import type { Place } from './place.ts'

export interface Cluster {
  port: number
  /** the superuser's connection; never leaves this process */
  superuserUrl: (dbname: string) => string
  /** resolves when the server has ended by itself or by stop() */
  ended: Promise<void>
  /** ends sessions and stops; null where another process of ours owns the server */
  stop: (() => Promise<void>) | null
}

/** The embedded cluster `name` ("catalogue" or "sample"): made on first use, on loopback only, with a random password. */
export async function startCluster(home: string, place: Place, name: string): Promise<Cluster> {
  const data = path.join(place.data, name)
  const password = ownSecret(home, `postgres-${name}-superuser`)
  if (!existsSync(path.join(data, 'PG_VERSION'))) initialise(place, data, password)
  const running = runningPort(data)
  if (running !== null) await stopStray(data)
  const port = await freePort(home, name)
  const log = openSync(logFile(home, name), 'a', 0o600)
  const child = spawnPostgres(place, data, port, log)
  closeSync(log)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const superuserUrl = urlFor(port, 'postgres', password)
  await waitUntilUp(superuserUrl('postgres'), child, logFile(home, name))
  return { port, superuserUrl, ended, stop: () => stopServer(child, ended) }
}

/** The cluster as somebody else's process runs it; null when it is down. */
export function findRunningCluster(home: string, place: Place, name: string): Cluster | null {
  const port = runningPort(path.join(place.data, name))
  if (port === null) return null
  const superuserUrl = urlFor(port, 'postgres', ownSecret(home, `postgres-${name}-superuser`))
  return { port, superuserUrl, ended: new Promise(() => undefined), stop: null }
}

export function urlFor(port: number, user: string, password: string): (dbname: string) => string {
  return (dbname) => `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(dbname)}`
}

export function logFile(home: string, name: string): string {
  mkdirSync(path.join(home, 'logs'), { recursive: true, mode: 0o700 })
  return path.join(home, 'logs', `postgres-${name}.log`)
}

function initialise(place: Place, data: string, password: string): void {
  rmSync(data, { recursive: true, force: true }) // what an interrupted initdb left; PG_VERSION is missing, so it never ran
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const passwordFile = `${data}.password`
  writeFileSync(passwordFile, password, { mode: 0o600 })
  const { uid, gid } = place.account ?? {}
  if (uid !== undefined && gid !== undefined) for (const file of [data, passwordFile]) chownSync(file, uid, gid)
  try {
    const args = ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--no-instructions']
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C'
    const options = { cwd: data, env: serverEnv(), encoding: 'utf8' as const, ...(uid !== undefined && gid !== undefined ? { uid, gid } : {}) }
    const done = spawnSync(path.join(place.native, 'bin/initdb'), [...args, `--locale=${locale}`], options)
    if (done.status === 0) return
    throw new LifeboatError(
      'unavailable',
      `The embedded Postgres could not be set up in ${data}: ${done.error?.message ?? reasonIn(done.stderr)}`,
      smallSharedMemory() ?? 'Set DATABASE_URL to use a Postgres of your own.',
    )
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** A container may give so little /dev/shm that the server is killed without a word (seen with 64 kB; the usual 64 MB are enough). */
function smallSharedMemory(): string | null {
  if (!existsSync('/dev/shm')) return null
  const { bavail, bsize } = statfsSync('/dev/shm')
  if (bavail * bsize > 8 * 1024 * 1024) return null
  return `/dev/shm has ${Math.round((bavail * bsize) / 1024)} kB free, and Postgres needs some megabytes there: enlarge it (docker run --shm-size=64m) and start again, or set DATABASE_URL to use a Postgres of your own.`
}

/** In its own session, so that a terminal's Ctrl-C reaches only the supervisor; told to stop when its parent dies. */
function spawnPostgres(place: Place, data: string, port: number, log: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    log_min_messages: 'warning',
    max_connections: '100',
    // the supervisor's death ends the server by SIGINT; nobody waits for idle sessions then
    idle_in_transaction_session_timeout: '10min',
  }
  const program = path.join(place.native, 'bin/postgres')
  const args = ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])]
  const options = { cwd: data, env: serverEnv(), detached: true, stdio: ['ignore', log, log] as ['ignore', number, number] }
  const setpriv = '/usr/bin/setpriv'
  const { account } = place
  if (!existsSync(setpriv)) return spawn(program, args, { ...options, ...(account ? { uid: account.uid, gid: account.gid } : {}) })
  const as = account ? ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'] : []
  return spawn(setpriv, [...as, '--pdeathsig', 'INT', '--', program, ...args], options)
}

function serverEnv(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: process.platform === 'linux' ? 'C.UTF-8' : 'C', NODE_ENV: 'production' }
}

/** postmaster.pid: line 1 the process, line 4 the port. A file whose process is gone counts as down. */
function runningPort(data: string): number | null {
  const lines = postmasterLines(data)
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  return isPostgres(pid) && port > 0 ? port : null
}

function postmasterLines(data: string): string[] {
  const file = path.join(data, 'postmaster.pid')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
}

function isPostgres(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false
  try {
    process.kill(pid, 0)
    return !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres')
  } catch {
    return false
  }
}

/** A server that a killed supervisor or a killed command left; its own data directory names it, so it is ours to stop. */
async function stopStray(data: string): Promise<void> {
  const pid = Number(postmasterLines(data)[0])
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isPostgres(pid)) return
    process.kill(pid, signal)
    for (let waited = 0; waited < 15_000 && isPostgres(pid); waited += 100) await sleep(100)
  }
}

async function waitUntilUp(url: string, child: ChildProcess, log: string): Promise<void> {
  const until = Date.now() + 60_000
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      await client.end().catch(() => undefined)
      await sleep(100)
    }
  }
  const tail = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n') : ''
  throw new LifeboatError('unavailable', `The embedded Postgres did not come up.\n${tail}`, `Its whole log: ${log}`)
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  for (const [signal, wait] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await Promise.race([ended, sleep(wait, undefined, { ref: false })])
  }
}
