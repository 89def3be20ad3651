import { existsSync, readFileSync } from 'node:fs'
import { spawnTool } from './run.ts'

/** A user of the operating system that children run as. */
export interface Account {
  uid: number
  gid: number
  name: string
}

export function accountNamed(name: string): Account | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid), name }
}

/** The system account of this name, made where it is missing: without home, shell or password. null: it could not be made. */
export async function systemAccount(name: string): Promise<Account | null> {
  const found = accountNamed(name)
  if (found !== null) return found
  const path = ['/usr/sbin/useradd', '/sbin/useradd'].find((one) => existsSync(one))
  if (path === undefined) return null
  const args = ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', name]
  await spawnTool({ path, args, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
  return accountNamed(name)
}
