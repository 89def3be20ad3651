import { createHash } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { embeddedServer, passable, reachable } from '#lib/engine/postgres/server-programs.ts'
import { type Account, accountNamed, systemAccount } from '#lib/engine/process/account.ts'

/** Where an embedded Postgres lies and whose it is. Postgres refuses to run as root, so as root it gets an account of its own. */
export interface Place {
  /** directory that holds the clusters' data; the account may reach it */
  data: string
  /** directory with bin/initdb and bin/postgres; the account may reach it */
  native: string
  /** null: the account that runs Lifeboat */
  account: Account | null
}

export async function findPlace(home: string): Promise<Place> {
  mkdirSync(home, { recursive: true })
  const native = embeddedServer()
  if (process.getuid?.() !== 0) return { data: path.join(home, 'postgres'), native, account: null }
  const account = await postgresAccount()
  // Others may pass through (x) to reach their own directory, and may not list it; keys/ inside stays 0700.
  chmodSync(home, 0o711)
  const inside = path.join(home, 'postgres')
  const data = passable(home) ? inside : path.join('/var/lib/lifeboat', createHash('sha256').update(home).digest('hex').slice(0, 8))
  mkdirSync(path.dirname(data), { recursive: true, mode: 0o755 })
  if (!existsSync(data)) mkdirSync(data, { mode: 0o700 })
  chownSync(data, account.uid, account.gid)
  return { data, native: reachable(native), account }
}

async function postgresAccount(): Promise<Account> {
  const found = accountNamed('postgres') ?? (await systemAccount('lifeboat-postgres'))
  if (found !== null) return found
  throw new LifeboatError(
    'unavailable',
    'Postgres does not run as root, and no account for it could be made.',
    'Start Lifeboat as another user, or set DATABASE_URL.',
  )
}
