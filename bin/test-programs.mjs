// The programs of the system that tests need: on Debian as root installed, elsewhere named.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { aptInstall, aptIsForbidden, hasProgram, say } from './bootstrap.mjs'

/** program (or absolute path) -> Debian package */
const wanted = [
  ['chromium', 'chromium'],
  ['/usr/lib/postgresql/15/bin/postgres', 'postgresql-15'],
  ['pgbouncer', 'pgbouncer'],
  ['radosgw', 'radosgw'],
  ['ceph-mon', 'ceph-mon'],
  ['ceph-osd', 'ceph-osd'],
  ['ceph', 'ceph-common'],
  ['zstd', 'zstd'],
  ['openssl', 'openssl'],
  ['curl', 'curl'],
  ['setpriv', 'util-linux'],
]

const places = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
const there = (program) =>
  program.startsWith('/') ? existsSync(program) : hasProgram(program) || places.some((place) => existsSync(`${place}/${program}`))

export async function ensureTestPrograms() {
  const missing = () => wanted.filter(([program]) => !there(program)).map(([, name]) => name)
  const packages = missing()
  if (packages.length === 0) return say('Programs for the tests: all there.')
  keepPostgresQuiet(packages)
  await aptInstall(packages, 'Programs for the tests are missing')
  const left = missing()
  if (left.length > 0)
    say(`WARNING: ${left.join(', ')} are not installed; the tests that need them will fail. On Debian: apt-get install ${left.join(' ')}`)
}

/** Debian's server package starts a server of its own; the tests start theirs. */
function keepPostgresQuiet(packages) {
  const directory = '/etc/postgresql-common/createcluster.d'
  if (!packages.includes('postgresql-15') || process.getuid?.() !== 0 || aptIsForbidden() || existsSync('/etc/postgresql-common')) return
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/lifeboat-tests.conf`, 'create_main_cluster = false\n')
}
