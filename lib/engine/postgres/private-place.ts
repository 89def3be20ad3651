import { mkdirSync, readdirSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeDirectory } from '../process/remove-directory.ts'
import type { Account } from '../process/account.ts'
import { startOf, thisMachine } from '../process/process-identity.ts'

/** Where a private cluster lies while it lives. */
export interface PrivatePlace {
  /** 0700, of the account that the server runs as; goes with all that is in it */
  directory: string
  /** 0700, short enough for the name of a socket */
  socket: string
  remove(): Promise<void>
}

/** As root: where another account can get to, which staging is not. May be a link to a larger disk. */
const forAccounts = '/var/lib/lifeboat/private'
/** Of the 108 bytes that a socket's path may have, `/.s.PGSQL.5432` and its lock's ending take these. */
const longestSocketDirectory = 108 - '/.s.PGSQL.65535.lock'.length - 1

export async function makePrivatePlace(stagingDir: string, account: Account | null): Promise<PrivatePlace> {
  const directory = account === null ? await mkdtemp(join(stagingDir, 'private-')) : await ofAccount(account)
  const inside = join(directory, 's')
  const socket = Buffer.byteLength(inside) <= longestSocketDirectory ? inside : await mkdtemp(join(tmpdir(), socketPrefix()))
  if (socket === inside) await mkdir(inside, { mode: 0o700 })
  if (account !== null) await chown(socket, account.uid, account.gid)
  return {
    directory,
    socket,
    async remove() {
      await removeDirectory(directory)
      await rm(socket, { recursive: true, force: true })
    },
  }
}

async function ofAccount(account: Account): Promise<string> {
  mkdirSync(forAccounts, { recursive: true, mode: 0o711 })
  await sweepPrivatePlaces()
  const directory = await mkdtemp(join(forAccounts, namePrefix()))
  await chown(directory, account.uid, account.gid)
  return directory
}

/** Names the process that it belongs to, as staging directories do. */
function namePrefix(): string {
  return `${thisMachine().slice(0, 8)}-${process.pid}-${startOf(process.pid) ?? '0'}-`
}

function socketPrefix(): string {
  return `lifeboat-s-${namePrefix()}`
}

const ours = /^(?:lifeboat-s-)?([0-9a-f]{8})-(\d+)-(\d+)-\w{6}$/

/**
 * Removes what processes of this machine that are gone left behind: a killed worker's cluster dies with it and cannot put itself away.
 * What lies below staging goes with staging.
 */
export async function sweepPrivatePlaces(): Promise<void> {
  for (const parent of [forAccounts, tmpdir()]) {
    for (const name of namesIn(parent)) {
      const [, machine, pid, start] = ours.exec(name) ?? []
      if (pid === undefined || machine !== thisMachine().slice(0, 8) || startOf(Number(pid)) === start) continue
      await removeDirectory(join(parent, name)).catch(() => {})
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Bytes below a directory, as they lie on the disk; what vanishes meanwhile counts nothing. */
export async function sizeOf(directory: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) bytes += await sizeOf(path)
    else bytes += ((await stat(path).catch(() => null))?.blocks ?? 0) * 512
  }
  return bytes
}
