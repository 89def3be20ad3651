// pg_dump and pg_restore: found, or installed where that is ours to do. Runs before any dependency is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { aptInstall, aptIsForbidden, isDebianRoot, say, versionOf } from './bootstrap.mjs'

/** Below these, a crafted archive runs code in pg_restore (CVE-2026-116314). The same numbers stand in lib/engine/postgres/tools.ts; a test compares them. */
export const floors = { 15: 20, 16: 16, 17: 12, 18: 6 }

const safeVersions = Object.entries(floors)
  .map(([major, minor]) => `${major}.${minor}`)
  .join(', ')

/** Where the worker looks (packagedDirs in the same file), so that what is said here is what it will find. */
function places() {
  const versioned = [
    ['/usr/lib/postgresql', /^\d+$/],
    ['/usr', /^pgsql-\d+$/],
    ['/opt/homebrew/opt', /^(postgresql@\d+|libpq)$/],
    ['/usr/local/opt', /^(postgresql@\d+|libpq)$/],
  ].flatMap(([base, pattern]) =>
    (existsSync(base) ? readdirSync(base) : []).filter((name) => pattern.test(name)).map((name) => path.join(base, name, 'bin')),
  )
  const found = (dirs) => dirs.map((dir) => path.join(dir, 'pg_dump')).filter((file) => existsSync(file))
  const all = found(versioned)
  return all.length > 0 ? all : found(['/usr/local/pgsql/bin', '/usr/local/bin', '/usr/bin'])
}

function installed() {
  return places()
    .map((file) => /(\d+)\.(\d+)/.exec(versionOf(file)))
    .filter((match) => match !== null)
    .map((match) => ({ major: Number(match[1]), minor: Number(match[2]) }))
}

const good = ({ major, minor }) => major > 18 || (floors[major] !== undefined && minor >= floors[major])

function tell(found) {
  say(`pg_dump and pg_restore: ${[...new Set(found.filter(good).map((one) => `${one.major}.${one.minor}`))].join(', ')}.`)
  return true
}

/** Bookworm has 15 only; other releases have what they have, always 15 or newer from trixie and noble on. */
function debianPackage() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return /^VERSION_CODENAME=bookworm$/m.test(release) ? 'postgresql-client-15' : 'postgresql-client'
}

/** Makes sure of client tools that can dump the embedded Postgres 15. Without them the console works, and backups are refused with the reason. */
export async function ensurePostgresTools() {
  const found = installed()
  if (found.some(good)) return tell(found)
  const old =
    found.length > 0
      ? `only ${found.map((one) => `${one.major}.${one.minor}`).join(', ')}, below the safe version (${safeVersions})`
      : 'not installed'
  const command = `apt-get update && apt-get install ${debianPackage()}`
  if (await aptInstall([debianPackage()], `pg_dump and pg_restore are ${old}`)) {
    if (installed().some(good)) return tell(installed())
    say(`WARNING: after the installation pg_dump is still below the safe version (${safeVersions}). Backups and restores will be refused.`)
    say(
      '         Debian brings safe versions through its security archive: see that /etc/apt/sources.list or sources.list.d names it, then start again.',
    )
    return false
  }
  say(`WARNING: pg_dump and pg_restore are ${old}. Lifeboat starts, but refuses backups and restores until they are there.`)
  say(
    isDebianRoot()
      ? `         ${aptIsForbidden() ? 'LIFEBOAT_NO_APT=1 forbids installing them here; to do it:' : 'What stopped apt stands above; when that is mended:'} run: ${command}`
      : `         On Debian run: sudo sh -c '${command}'. Elsewhere install the PostgreSQL client tools: ${safeVersions} or newer.`,
  )
  return false
}
