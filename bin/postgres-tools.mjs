// pg_dump and pg_restore: found, or installed where that is ours to do. Runs before any dependency is there.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { aptInstall, isDebianRoot, say, versionOf } from './bootstrap.mjs'

/** Below these, a crafted archive runs code in pg_restore (CVE-2026-116314). The same numbers stand in lib/engine/postgres/tools.ts; a test compares them. */
export const floors = { 15: 20, 16: 16, 17: 12, 18: 6 }

function installed() {
  const base = '/usr/lib/postgresql'
  const majors = existsSync(base) ? readdirSync(base) : []
  const places = [
    ...majors.map((major) => path.join(base, major, 'bin', 'pg_dump')),
    ...(process.env.PATH ?? '').split(':').map((dir) => path.join(dir, 'pg_dump')),
  ]
  return places
    .filter((file) => existsSync(file))
    .map((file) => /(\d+)\.(\d+)/.exec(versionOf(file)))
    .filter((match) => match !== null)
    .map((match) => ({ major: Number(match[1]), minor: Number(match[2]) }))
}

const good = ({ major, minor }) => major > 18 || (floors[major] !== undefined && minor >= floors[major])

function tell(found) {
  say(`pg_dump and pg_restore: ${[...new Set(found.filter(good).map((one) => `${one.major}.${one.minor}`))].join(', ')}.`)
  return true
}

/** Makes sure of client tools that can dump the embedded Postgres 15. Without them the console works, and backups are refused with the reason. */
export async function ensurePostgresTools() {
  const found = installed()
  if (found.some(good)) return tell(found)
  const old =
    found.length > 0 ? `only ${found.map((one) => `${one.major}.${one.minor}`).join(', ')}, which is below the safe version` : 'not installed'
  const command = 'apt-get update && apt-get install postgresql-client-15'
  if (await aptInstall(['postgresql-client-15'], `pg_dump and pg_restore are ${old}`)) {
    if (installed().some(good)) return tell(installed())
    say(
      `WARNING: after the installation pg_dump is still below 15.${floors[15]}. Backups and restores will be refused. Is the security archive in /etc/apt/sources.list?`,
    )
    return false
  }
  say(`WARNING: pg_dump and pg_restore are ${old}. Lifeboat starts, but refuses backups and restores until they are there.`)
  say(
    isDebianRoot()
      ? `         Run: ${command}`
      : `         On Debian run: sudo sh -c '${command}'. Elsewhere install the PostgreSQL client tools, at least 15.${floors[15]}.`,
  )
  return false
}
