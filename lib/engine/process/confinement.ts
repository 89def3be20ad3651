import { existsSync } from 'node:fs'
import { type Account, accountNamed, systemAccount } from './account.ts'
import { spawnTool } from './run.ts'

/**
 * How programs that work on what strangers wrote are kept apart from everything else. What the machine does not have is left out, and `without`
 * says so in words.
 */
export interface Confinement {
  /** null: that of this process, which is not root and cannot become another */
  account: Account | null
  /** the command in front of a program that gives it a network, process and shared-memory space of its own; empty: none can be made here */
  namespaces: readonly string[]
  without: readonly string[]
}

const [unshare, setpriv, prlimit] = ['unshare', 'setpriv', 'prlimit'].map((name) =>
  [`/usr/bin/${name}`, `/bin/${name}`].find((path) => existsSync(path)),
)
/** No network but a loopback that is down; killed as a whole with its first process; no shared memory left behind. */
const spaces = ['--net', '--ipc', '--pid', '--fork']
let known: Promise<Confinement> | undefined

/** Looked at once for this process. As root the account `lifeboat-private` is made where it is missing. */
export function confinement(): Promise<Confinement> {
  known ??= look()
  return known
}

async function look(): Promise<Confinement> {
  const root = process.getuid?.() === 0
  // not the account of an ordinary server: its sockets and files would stand open to what runs here
  const account = root ? ((await systemAccount('lifeboat-private')) ?? accountNamed('nobody')) : null
  const candidates = unshare === undefined ? [] : root ? [[unshare, ...spaces]] : [[unshare, '--user', '--map-current-user', ...spaces]]
  let namespaces: string[] = []
  for (const one of candidates) {
    const [path = '', ...args] = one
    const { code } = await spawnTool({ path, args: [...args, '--', '/bin/true'], env: { PATH: '/usr/bin:/bin' } })
    if (code === 0) namespaces = [...one, '--']
  }
  return {
    account,
    namespaces,
    without: [
      ...(root && account?.name === 'lifeboat-private' ? [] : ['an account of its own']),
      ...(namespaces.length > 0 ? [] : ['a network of its own']),
      ...(setpriv === undefined ? ['an end with the worker’s'] : []),
    ],
  }
}

/** The command that runs `path` confined, without any privilege, and so that it dies with its parent. */
export function confined({ account, namespaces }: Confinement, path: string, args: readonly string[]): { path: string; args: string[] } {
  let command = [path, ...args]
  if (prlimit !== undefined) command = [prlimit, '--core=0', '--', ...command]
  if (setpriv !== undefined) {
    const as = account === null ? [] : ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups', '--bounding-set=-all']
    command = [setpriv, ...as, '--inh-caps=-all', '--no-new-privs', '--pdeathsig', 'KILL', '--', ...command]
  }
  command = [...namespaces, ...command]
  // unshare stays between the program and this process, and takes it along when it is killed itself
  if (setpriv !== undefined && namespaces.length > 0) command = [setpriv, '--pdeathsig', 'KILL', '--', ...command]
  const [program = path, ...rest] = command
  return { path: program, args: rest }
}
