import { readdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { spawnTool } from '../process/run.ts'

export const toolNames = ['pg_dump', 'pg_restore'] as const
export type ToolName = (typeof toolNames)[number]
export interface ToolReport {
  tool: ToolName
  path: string
  /** as the tool says it: `15.20` */
  version: string
  major: number
  /** at or above the floor of its major: no known hole through which a crafted archive or server runs code */
  ok: boolean
}

/** The lowest minor of each major without a known hole through which a crafted archive or server runs code in the tools; 13 and older have none. */
export const versionFloors: Readonly<Record<number, number>> = { 14: 25, 15: 20, 16: 16, 17: 12, 18: 6 }

/** Searches `dirs` (default: where Linux and macOS packages put every major) and asks each tool for its version; newest major first. */
export async function findTools(dirs?: string[]): Promise<ToolReport[]> {
  const places = dirs ?? (await packagedDirs())
  const found: ToolReport[] = []
  for (const dir of places) {
    for (const name of toolNames) {
      const report = await askTool(name, join(dir, name))
      if (report) found.push(report)
    }
  }
  return found.sort((a, b) => b.major - a.major || minorOf(b) - minorOf(a))
}

/**
 * The lowest major that is at least the server's, its newest minor; throws tools_missing or server_too_new, naming the package to install.
 * A pg_dump of the same major writes what that server can read back; a newer one may not.
 */
export function chooseTool(reports: readonly ToolReport[], name: ToolName, serverMajor: number): ToolReport {
  const mine = reports.filter((one) => one.tool === name)
  const fitting = mine.filter((one) => one.major >= serverMajor).sort((a, b) => a.major - b.major || minorOf(b) - minorOf(a))
  if (fitting[0]) return fitting[0]
  const newest = Math.max(0, ...mine.map((one) => one.major))
  if (newest === 0) {
    throw new LifeboatError('tools_missing', `No ${name} is installed on the worker’s machine.`, `Install ${packageFor(serverMajor)}.`)
  }
  throw new LifeboatError(
    'server_too_new',
    `The server is PostgreSQL ${serverMajor}, and the newest ${name} here is ${newest}.`,
    `Install ${packageFor(serverMajor)} on the worker’s machine. Nothing was changed.`,
    { detail: { serverMajor, newest } },
  )
}

/** Throws tools_outdated for a tool below its floor. */
export function assertAboveFloor(tool: ToolReport): void {
  if (tool.ok) return
  throw new LifeboatError(
    'tools_outdated',
    `${tool.tool} ${tool.version} has known holes; ${floorOf(tool.major) ?? 'a supported major'} is the oldest that may be used.`,
    `Upgrade ${packageFor(tool.major)}. Nothing was changed.`,
  )
}

export function packageFor(major: number): string {
  return `postgresql-client-${major}`
}

/** The oldest version of a major that may be used, as text; null for a major without one. */
export function floorOf(major: number): string | null {
  const minor = versionFloors[major]
  return minor === undefined ? null : `${major}.${minor}`
}

export function isBelowFloor(major: number, minor: number): boolean {
  const floor = versionFloors[major]
  if (floor === undefined) return major < 19
  return minor < floor
}

async function askTool(name: ToolName, path: string): Promise<ToolReport | null> {
  if (!existsSync(path)) return null
  const said = await spawnTool({ path, args: ['--version'], env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, stdoutLimit: 1024 })
  const match = /\(PostgreSQL\) (\d{1,3})(?:\.(\d{1,3}))?/.exec(said.stdout)
  if (said.code !== 0 || !match) return null
  const major = Number(match[1])
  const minor = Number(match[2] ?? 0)
  return { tool: name, path, version: `${major}.${minor}`, major, ok: !isBelowFloor(major, minor) }
}

function minorOf(report: ToolReport): number {
  return Number(report.version.split('.')[1] ?? 0)
}

/** Debian's /usr/bin/pg_dump is a wrapper that picks a version by itself, so the versioned directories come first and alone where they exist. */
async function packagedDirs(): Promise<string[]> {
  const versioned: string[] = []
  for (const [root, pattern, tail] of [
    ['/usr/lib/postgresql', /^\d+$/, 'bin'],
    ['/usr', /^pgsql-\d+$/, 'bin'],
    ['/opt/homebrew/opt', /^(postgresql@\d+|libpq)$/, 'bin'],
    ['/usr/local/opt', /^(postgresql@\d+|libpq)$/, 'bin'],
  ] as const) {
    const names = existsSync(root) ? await readdir(root) : []
    versioned.push(...names.filter((name) => pattern.test(name)).map((name) => join(root, name, tail)))
  }
  return versioned.some((dir) => existsSync(join(dir, 'pg_dump'))) ? versioned : [...versioned, '/usr/local/pgsql/bin', '/usr/local/bin', '/usr/bin']
}
