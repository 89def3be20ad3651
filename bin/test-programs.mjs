// The programs that tests need besides Node: servers, tools and a browser, all from Debian's packages.
import { existsSync } from 'node:fs'
import { aptInstall, hasProgram, isDebianRoot, say, stop } from './bootstrap.mjs'

const needed = [
  { package: 'postgresql-15', there: () => existsSync('/usr/lib/postgresql/15/bin/postgres') },
  { package: 'postgresql-client-15', there: () => existsSync('/usr/lib/postgresql/15/bin/pg_dump') },
  { package: 'chromium', there: () => existsSync(process.env.LIFEBOAT_CHROMIUM ?? '/usr/bin/chromium') },
  { package: 'pgbouncer', there: () => hasProgram('pgbouncer') || existsSync('/usr/sbin/pgbouncer') },
  { package: 'radosgw', there: () => hasProgram('radosgw') },
  { package: 'ceph-mon', there: () => hasProgram('ceph-mon') },
  { package: 'ceph-osd', there: () => hasProgram('ceph-osd') },
  { package: 'ceph-common', there: () => hasProgram('ceph') },
  { package: 'openssl', there: () => hasProgram('openssl') },
  { package: 'zstd', there: () => hasProgram('zstd') },
  { package: 'curl', there: () => hasProgram('curl') },
]

/** Installs what is missing as root on Debian; elsewhere says the exact command and stops, because half the tests would prove nothing. */
export async function ensureTestPrograms() {
  const missing = needed.filter((one) => !one.there()).map((one) => one.package)
  if (missing.length === 0) return say('Programs for the tests: all there.')
  const installed = await aptInstall(missing, 'Programs for the tests are missing')
  const still = needed.filter((one) => !one.there()).map((one) => one.package)
  if (installed && still.length === 0) return undefined
  const command = `apt-get update && apt-get install --no-install-recommends ${still.join(' ')}`
  return stop(
    `The tests need programs that are not here: ${still.join(', ')}.`,
    isDebianRoot() ? `Run: ${command}` : `On Debian run: sudo sh -c '${command}'`,
  )
}
