import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { hostForm } from '#lib/domain/addresses.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { checkedAddresses } from '#lib/egress/checked-addresses.ts'
import { type Connection, assertTransport, startupOptions } from './connection.ts'
import { isPrivateSocket } from './private-sockets.ts'

export interface ToolEnv {
  /** the child's whole environment */
  env: Record<string, string>
  /** private 0700 directory that holds the password file; also the child's HOME, so that no .pgpass or certificate of a person is read */
  dir: string
}

/**
 * Runs `work` with a private 0700 directory below `stagingDir` holding the 0600 password file, removed afterwards.
 * The name of the database goes through PGDATABASE, which libpq does not expand (`host=evil` stays a name).
 * `settings` are set at the session's start (PGOPTIONS).
 */
export async function withToolEnv<T>(
  conn: Connection,
  stagingDir: string,
  work: (tool: ToolEnv) => Promise<T>,
  settings: Record<string, string> = {},
): Promise<T> {
  assertTransport(conn)
  const dir = await mkdtemp(join(stagingDir, 'tool-'))
  try {
    const passfile = join(dir, 'pgpass')
    await writeFile(passfile, passwordLine(conn), { mode: 0o600, flag: 'wx' })
    const env: Record<string, string> = {
      ...(await hostOf(conn.host)),
      PGPORT: String(conn.port),
      PGUSER: conn.username,
      PGDATABASE: conn.dbname,
      PGPASSFILE: passfile,
      PGSSLMODE: conn.sslMode,
      PGGSSENCMODE: 'disable',
      PGAPPNAME: conn.applicationName,
      PGCONNECT_TIMEOUT: '10',
      HOME: dir,
      TMPDIR: dir,
      PATH: '/usr/bin:/bin',
      LC_ALL: 'C',
    }
    if (conn.sslMode === 'verify-full') {
      const roots = join(dir, 'root.crt')
      await writeFile(roots, conn.caPem ?? getCACertificates('default').join('\n'), { mode: 0o600, flag: 'wx' })
      env.PGSSLROOTCERT = roots
      env.PGSSLMINPROTOCOLVERSION = 'TLSv1.2'
    }
    if (Object.keys(settings).length > 0) env.PGOPTIONS = startupOptions(settings)
    return await work({ env, dir })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** libpq would resolve the name once more: it is given the addresses that were looked at, each under the name that the certificate is for. */
async function hostOf(host: string): Promise<Record<string, string>> {
  if (isPrivateSocket(host) || hostForm(host).form !== 'name') return { PGHOST: host }
  const reached = await checkedAddresses(host, true)
  if (!reached.ok)
    throw new LifeboatError(reached.permanent ? 'refused' : 'unreachable', reached.reason, 'Check the name, and the DNS of the worker’s machine.')
  return { PGHOST: reached.addresses.map(() => host).join(','), PGHOSTADDR: reached.addresses.map((one) => one.address).join(',') }
}

/**
 * One line for exactly this host, port, database and user; `:` and `\` escaped.
 * The file knows no escape for a newline, so a field with one becomes `*`: the file serves this connection only.
 */
export function passwordLine(conn: Pick<Connection, 'host' | 'port' | 'dbname' | 'username' | 'password'>): string {
  if (conn.password === null) return ''
  const field = (text: string) => (/[\n\r]/.test(text) ? '*' : text.replaceAll(/[:\\]/g, (found) => `\\${found}`))
  return `${[conn.host, String(conn.port), conn.dbname, conn.username].map(field).join(':')}:${conn.password.replaceAll(/[:\\]/g, (found) => `\\${found}`)}\n`
}

/** `dbname='…'` for pg_restore -d, which would expand a bare name: the inner name is then taken literally. */
export function quotedConninfo(dbname: string): string {
  return `dbname='${dbname.replaceAll(/['\\]/g, (found) => `\\${found}`)}'`
}
