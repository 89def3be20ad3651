import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, freePort, startCluster } from '#test/support/cluster.ts'
import { type SeenProcess, processesMentioning } from '#test/support/processes.ts'
import { pgDump, rawBackup, rawRestore } from '#test/support/raw-backup.ts'
import { startTcpProxy } from '#test/support/tcp-proxy.ts'
import { openClient } from './connection.ts'
import { createDatabase } from './database.ts'
import { dump } from './dump.ts'
import { preflight } from './preflight.ts'
import { findTools } from './tools.ts'

const canary = 'canary:back\\slash:7f3a'
let dir: string
let staging: string
let plain: Cluster
let locked: Cluster
let certificates: { ca: string; otherCa: string; key: string; cert: string }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-tls-'))
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
  certificates = await makeCertificates(dir)
  ;[plain, locked] = await Promise.all([
    startCluster({ settings: { max_connections: '8', superuser_reserved_connections: '0' } }),
    startCluster({ password: canary, tls: { certPem: certificates.cert, keyPem: certificates.key } }),
  ])
  await locked.createDatabase('shop')
  await locked.query('shop', `CREATE TABLE t AS SELECT n, repeat(md5(n::text), 10) AS x FROM generate_series(1, 1000) n`)
})
afterAll(async () => {
  await Promise.all([plain?.stop(), locked?.stop()])
  for (const one of [dir, staging]) if (one) await rm(one, { recursive: true })
})

const secure = (caPem: string | null, change = {}) => locked.connection('shop', { sslMode: 'verify-full' as const, caPem, ...change })

test('with the right CA the session is encrypted, and dump and restore go through it', async () => {
  const looked = await preflight(secure(certificates.ca), { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
  expect(looked.findings).toEqual([])
  expect(looked.server?.tlsVersion).toMatch(/^TLSv1\.[23]$/)
  expect(looked.server?.systemIdentifier).toMatch(/^\d{15,20}$/)
  const backup = await rawBackup(secure(certificates.ca), dir, staging)
  await createDatabase(secure(certificates.ca), 'shop back', { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' })
  expect((await rawRestore(secure(certificates.ca, { dbname: 'shop back' }), backup, staging)).tables).toBe(1)
})

test.each(['another CA', 'the system’s CAs'])('with %s the connection fails closed, for our sessions and for pg_dump', async (which) => {
  const conn = secure(which === 'another CA' ? certificates.otherCa : null)
  const looked = await preflight(conn, { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
  expect(looked).toMatchObject({ server: null, findings: [{ code: 'tls', severity: 'blocker', overridable: false }] })
  await expect(rawBackup(conn, dir, staging)).rejects.toMatchObject({ code: expect.stringMatching(/tls|unreachable/) })
})

test('a host name that is not in the certificate fails closed', async () => {
  await expect(openClient(secure(certificates.ca, { host: 'localhost' }))).rejects.toMatchObject({
    code: 'tls',
    message: expect.stringContaining('another host name'),
  })
})

test('a server without TLS gets no password where TLS is asked for, and plaintext outside loopback is refused unseen', async () => {
  const conn = plain.connection('postgres', { sslMode: 'verify-full', password: canary })
  await expect(openClient(conn)).rejects.toMatchObject({ code: 'tls', message: expect.stringContaining('offers no TLS') })
  await expect(openClient({ ...conn, sslMode: 'disable', host: '192.0.2.1' })).rejects.toMatchObject({ code: 'tls' })
})

test.each([
  ['a port where nobody listens', async () => locked.connection('shop', { port: await freePort() }), 'unreachable', 'refused'],
  ['a host that does not exist', async () => locked.connection('shop', { host: 'nowhere.invalid', sslMode: 'verify-full' }), 'unreachable', 'dns'],
  ['a wrong password', async () => locked.connection('shop', { password: 'wrong' }), 'access_denied', 'auth'],
  ['a database that does not exist', async () => locked.connection('nothing'), 'unreachable', 'no_database'],
] as const)('%s is told by its class, and never with the password', async (_, conn, code, reason) => {
  const error: unknown = await openClient(await conn(), { retryForMs: 0 }).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code, detail: { reason } })
  expect(JSON.stringify(error)).not.toContain('canary')
})

test('the password stands in no command line and no environment of a child, and its file is gone afterwards', async () => {
  const seen: SeenProcess[] = []
  const proxy = await startTcpProxy(locked)
  proxy.down = { delayMs: 30 }
  let over = false
  const watching = (async () => {
    for (; !over; await sleep(5)) seen.push(...(await processesMentioning(staging)))
  })()
  await dump(locked.connection('shop', { port: proxy.port }), {
    stagingDir: staging,
    toolPath: pgDump,
    jobs: 2,
    signal: new AbortController().signal,
    async onEntry(entry) {
      for await (const _ of entry.open());
    },
  })
  over = true
  await watching
  await proxy.close()
  expect(seen.length, 'pg_dump was seen at work').toBeGreaterThan(0)
  for (const { cmdline, environ } of seen) {
    expect(cmdline + environ).not.toContain('canary')
    expect(environ).toContain('PGPASSFILE=')
    const names = environ
      .split('\0')
      .filter(Boolean)
      .map((pair) => pair.split('=')[0])
    for (const name of names) expect(name).toMatch(/^(PG[A-Z_]+|HOME|TMPDIR|PATH|LC_ALL)$/)
  }
  expect(await processesMentioning(staging)).toEqual([])
})

test('too many clients: tried again while it lasts, then told; a place that comes free is taken', async () => {
  const holders = await fill(plain)
  try {
    await expect(openClient(plain.connection(), { retryForMs: 600 })).rejects.toMatchObject({ code: 'too_many_connections' })
    await expect(rawBackup(plain.connection(), dir, staging)).rejects.toMatchObject({ code: 'too_many_connections' })
    const waiting = openClient(plain.connection(), { retryForMs: 20_000 })
    await sleep(300)
    await holders.pop()?.end()
    await (await waiting).end()
  } finally {
    await Promise.all(holders.map((one) => one.end()))
  }
})

test('few free connections are a warning before a dump', async () => {
  await plain.query('postgres', 'CREATE ROLE plainrole LOGIN')
  const holders = await fill(plain, 5)
  try {
    const looked = await preflight(plain.connection('postgres', { username: 'plainrole' }), {
      tools: await findTools(),
      stagingDir: staging,
      forKind: 'backup',
    })
    expect(looked.findings.map((one) => one.code)).toContain('too_many_connections')
  } finally {
    await Promise.all(holders.map((one) => one.end()))
  }
})

test('a server newer than every tool is refused by name of both majors and of the package', async () => {
  const tools = (await findTools()).map((tool) => ({ ...tool, major: 14, version: '14.25' }))
  const looked = await preflight(plain.connection(), { tools, stagingDir: staging, forKind: 'backup' })
  expect(looked.findings).toMatchObject([
    {
      code: 'server_too_new',
      severity: 'blocker',
      message: expect.stringMatching(/15.*14/),
      remedy: expect.stringContaining('postgresql-client-15'),
    },
  ])
})

test.each([
  ['transaction', 1],
  ['transaction', 5],
  ['session', 5],
] as const)('pgbouncer with pool_mode %s and %d server connections', async (mode, size) => {
  const pooler = await startPgbouncer(plain, mode, size)
  try {
    const looked = await preflight({ ...plain.connection(), port: pooler.port }, { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
    expect(looked.findings.map((one) => one.code)).toEqual(mode === 'transaction' ? ['transaction_pooler'] : [])
    expect(looked.server?.isPooler).toBe(mode === 'transaction')
    const user = new Client({ host: '127.0.0.1', port: pooler.port, user: 'postgres', database: 'postgres' })
    await user.connect()
    const { rows } = await user.query(
      `SELECT current_setting('search_path') AS path, current_setting('default_transaction_read_only') AS readonly, current_setting('statement_timeout') AS timeout`,
    )
    await user.end()
    expect(rows, 'nothing of ours stayed behind in a shared server session').toEqual([{ path: '"$user", public', readonly: 'off', timeout: '0' }])
  } finally {
    await pooler.stop()
  }
})

async function fill(cluster: Cluster, most = 20): Promise<Client[]> {
  const holders: Client[] = []
  for (let count = 0; count < most; count++) {
    const client = new Client({ host: cluster.host, port: cluster.port, user: 'postgres', database: 'postgres' })
    try {
      await client.connect()
      holders.push(client)
    } catch {
      break
    }
  }
  return holders
}

async function startPgbouncer(cluster: Cluster, mode: string, size: number): Promise<{ port: number; stop(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'lifeboat-pgbouncer-'))
  await chmod(home, 0o755)
  const port = await freePort()
  const file = join(home, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]\npostgres = host=127.0.0.1 port=${cluster.port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\n` +
      `unix_socket_dir =\nauth_type = any\npool_mode = ${mode}\ndefault_pool_size = ${size}\n`,
  )
  const identity = process.getuid?.() === 0 ? ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : []
  const child = spawn('/usr/bin/setpriv', [...identity, '--pdeathsig', 'KILL', '--', '/usr/sbin/pgbouncer', file], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  for (let tries = 0; tries < 100; tries++) {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    const ok = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end().catch(() => {})
    if (ok) break
    await sleep(50)
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(home, { recursive: true })
    },
  }
}

async function makeCertificates(into: string): Promise<{ ca: string; otherCa: string; key: string; cert: string }> {
  const run = promisify(execFile)
  const openssl = async (...args: string[]) => await run('/usr/bin/openssl', args, { cwd: into })
  const authority = async (name: string) => {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
    )
    return await readFile(join(into, `${name}.crt`), 'utf8')
  }
  const [ca, otherCa] = [await authority('ca'), await authority('other')]
  await openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=server',
  )
  await writeFile(join(into, 'san.cnf'), 'subjectAltName=IP:127.0.0.1\n')
  await openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.crt',
    '-days',
    '2',
    '-extfile',
    'san.cnf',
  )
  return { ca, otherCa, key: await readFile(join(into, 'server.key'), 'utf8'), cert: await readFile(join(into, 'server.crt'), 'utf8') }
}
