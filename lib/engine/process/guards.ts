import { existsSync, readFileSync } from 'node:fs'

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
const prlimit = ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path))

/**
 * What a child may take at most, in bytes and files; soft and hard.
 * core: a dump of a client tool's memory would hold plain rows, and its password.
 * as: pg_dump 15 of one bytea of 530 MB, near the largest that COPY can send as hex, was measured at 2.0 GiB of address space, and a
 * database of very many tables may take about as much. Four times that: what goes beyond is a tool gone wild, which must not take the
 * machine with it.
 * nofile: a parallel pg_dump holds a connection and a few files for each of its workers.
 */
export const childLimits = { core: 0, as: 8 * 2 ** 30, nofile: 1024 } as const

const limitNames = { core: 'Max core file size', as: 'Max address space', nofile: 'Max open files' } satisfies Record<
  keyof typeof childLimits,
  string
>

let limits: string[] | undefined

/** Never above what this process has itself: only root may raise a hard limit, and a tool that cannot start is worse than a narrower one. */
function limitArguments(): string[] {
  limits ??= Object.entries(childLimits).map(([name, wanted]) => `--${name}=${Math.min(wanted, ownLimit(name as keyof typeof childLimits))}`)
  return limits
}

function ownLimit(name: keyof typeof childLimits): number {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(limitNames[name]))
  const hard = line?.slice(limitNames[name].length).trim().split(/\s+/)[1]
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** The command that starts `path` so that it dies with this process and within its limits, where the machine has what that takes. */
export function guarded(path: string, args: readonly string[]): { path: string; args: string[] } {
  let command = [path, ...args]
  if (prlimit !== undefined) command = [prlimit, ...limitArguments(), '--', ...command]
  if (setpriv !== undefined) command = [setpriv, '--pdeathsig', 'KILL', '--', ...command]
  const [program = path, ...rest] = command
  return { path: program, args: rest }
}

/** For `lifeboat doctor`: what children go without on this machine. */
export function missingGuards(): { program: string; without: string }[] {
  return [
    ...(setpriv === undefined ? [{ program: 'setpriv', without: 'client tools outlive a worker that is killed' }] : []),
    ...(prlimit === undefined ? [{ program: 'prlimit', without: 'client tools have no limits of memory and files, and may leave a core dump' }] : []),
  ]
}
