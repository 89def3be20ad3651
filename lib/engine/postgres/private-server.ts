import { type FileHandle, chown, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Confinement, confined } from '../process/confinement.ts'
import { killGroup, spawnTool, startProgram } from '../process/run.ts'
import { type Connection, openClient } from './connection.ts'
import type { PrivatePlace } from './private-place.ts'
import { type ServerPrograms, reasonIn } from './server-programs.ts'

const environment = { PATH: '/usr/bin:/bin', LC_ALL: process.platform === 'linux' ? 'C.UTF-8' : 'C' }

/** Makes the cluster's files below `directory`, with a password for its superuser. */
export async function initialise(options: {
  programs: ServerPrograms
  how: Confinement
  directory: string
  superuser: string
  password: string
  signal: AbortSignal
}): Promise<void> {
  const { programs, how, directory } = options
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, options.password, { mode: 0o600, flag: 'wx' })
  if (how.account !== null) await chown(passwordFile, how.account.uid, how.account.gid)
  const args = ['-D', join(directory, 'data'), '-U', options.superuser, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8']
  const command = confined(how, join(programs.directory, 'bin/initdb'), [...args, `--locale=${environment.LC_ALL}`, '--no-sync', '--no-instructions'])
  const done = await spawnTool({ ...command, env: environment, cwd: '/', signal: options.signal })
  await rm(passwordFile, { force: true })
  if (done.code !== 0) throw unavailable(reasonIn(done.stderrTail))
}

export interface ServerProcess {
  /** resolves when it ended without kill(), with why */
  ended: Promise<string>
  /** at once, with all its processes; what it wrote is thrown away anyway */
  kill(): Promise<void>
}

export async function startServer(options: {
  programs: ServerPrograms
  how: Confinement
  place: PrivatePlace
  settings: Record<string, string>
  connection: Connection
  signal: AbortSignal
}): Promise<ServerProcess> {
  const { place, how } = options
  // read again only through this descriptor: what runs as the account could put a link to another file in its place
  const log = await open(join(place.directory, 'log'), 'ax+', 0o600)
  const args = Object.entries({ ...settingsOf(place), ...options.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = confined(how, join(options.programs.directory, 'bin/postgres'), ['-D', join(place.directory, 'data'), ...args])
  const child = startProgram({ ...command, cwd: '/', env: environment }, ['ignore', log.fd, log.fd])
  let killed = false
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  const kill = async () => {
    killed = true
    // without a process space of its own the server must end its processes itself
    if (how.namespaces.length === 0) killGroup(child.pid, 'SIGQUIT')
    else killGroup(child.pid, 'SIGKILL')
    await Promise.race([gone, sleep(10_000, undefined, { ref: false })])
    killGroup(child.pid, 'SIGKILL')
    await gone
    await log.close()
  }
  const lastWords = async () => reasonIn(await tailOf(log))
  try {
    await waitUntilUp(options.connection, child, lastWords, options.signal)
  } catch (error) {
    await kill()
    throw error
  }
  const ended = gone.then(async () => (killed ? await new Promise<string>(() => {}) : (await lastWords()) || 'it said nothing'))
  return { ended, kill }
}

async function tailOf(file: FileHandle): Promise<string> {
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8192), 0, 8192, Math.max(0, size - 8192))
  return buffer.toString('utf8', 0, bytesRead)
}

/** Nothing of it is worth keeping over a crash, and nobody but this process may reach it. */
function settingsOf(place: PrivatePlace): Record<string, string> {
  return {
    listen_addresses: '',
    unix_socket_directories: place.socket,
    unix_socket_permissions: '0700',
    port: '5432',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    autovacuum: 'off',
    jit: 'off',
    shared_buffers: '128MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '1GB',
    max_connections: '20',
    // a server that is killed leaves no shared memory of the machine behind
    dynamic_shared_memory_type: 'mmap',
    // what strangers wrote may raise any message, and need not fill the disk with it
    log_min_messages: 'fatal',
    log_min_error_statement: 'panic',
    max_locks_per_transaction: '1024',
  }
}

async function waitUntilUp(
  connection: Connection,
  child: ReturnType<typeof startProgram>,
  lastWords: () => Promise<string>,
  signal: AbortSignal,
): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until && child.pid !== undefined && child.exitCode === null && child.signalCode === null; ) {
    signal.throwIfAborted()
    try {
      const client = await openClient(connection, { signal, retryForMs: 0 })
      await client.end()
      return
    } catch (error) {
      signal.throwIfAborted()
      // its socket is not there yet
      if (!(error instanceof LifeboatError)) throw error
      await sleep(50)
    }
  }
  throw unavailable(await lastWords())
}

function unavailable(reason: string): LifeboatError {
  return new LifeboatError(
    'unavailable',
    `The private server could not be started: ${reason || 'it said nothing'}`,
    'It was removed, and nothing else was changed. A container may give too little /dev/shm: docker run --shm-size=64m',
  )
}
