import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readlinkSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processesMentioning } from '#test/support/processes.ts'
import { assertTransport, openClient } from './connection.ts'
import { type PrivateCluster, withPrivateCluster } from './private-cluster.ts'
import { sweepPrivatePlaces } from './private-place.ts'

let stagingDir: string
beforeEach(async () => {
  stagingDir = await mkdtemp(join(tmpdir(), 'lifeboat-private-test-'))
})
afterEach(async () => {
  await rm(stagingDir, { recursive: true })
})

const options = () => ({ major: 15, stagingDir, signal: new AbortController().signal, applicationName: 'lifeboat/private-test' })

/** Of a statement that the superuser runs; text of the first column. */
async function ask(cluster: PrivateCluster, ...statements: string[]): Promise<string> {
  const client = await openClient(cluster.connection('postgres'), { writable: true })
  try {
    let last = ''
    for (const statement of statements) {
      const { rows } = await client.query<Record<string, unknown>>(statement)
      last = String(Object.values(rows[0] ?? {})[0] ?? '')
    }
    return last
  } finally {
    await client.end()
  }
}

/** A program that the server starts: what it sees is what a dump that breaks out of the server would see. */
async function runInside(cluster: PrivateCluster, program: string): Promise<string> {
  const copy = `COPY seen FROM PROGRAM '${program.replaceAll("'", "''")}' WITH (DELIMITER '\x01')`
  return ask(cluster, 'CREATE TEMPORARY TABLE seen (line text)', copy, `SELECT pg_catalog.string_agg(line, E'\\n') FROM seen`)
}

test('the server is another’s: own account, no network, none of our environment, and no address but a socket in a closed directory', async () => {
  process.env.LIFEBOAT_CANARY = 'a secret of the worker'
  let socket = ''
  let directory = ''
  await withPrivateCluster(options(), async (cluster) => {
    ;({ directory } = cluster)
    socket = cluster.connection('postgres').host
    expect((await stat(socket)).mode & 0o777).toBe(0o700)
    expect(await ask(cluster, 'SHOW listen_addresses')).toBe('')
    const environment = await runInside(cluster, '/usr/bin/env')
    expect(environment).not.toContain('LIFEBOAT_CANARY')
    const { account, namespaces, without } = cluster.confinement
    if (account !== null) {
      expect(await runInside(cluster, '/usr/bin/id -u')).toBe(String(account.uid))
      expect(account.uid).not.toBe(0)
      expect(await runInside(cluster, `/usr/bin/grep CapEff /proc/self/status`)).toMatch(/0000000000000000$/)
      await expect(runInside(cluster, `/bin/cat ${stagingDir}/nothing 2>&1`)).rejects.toThrow(/failed|Permission/)
    }
    if (namespaces.length > 0) {
      expect(await runInside(cluster, '/usr/bin/readlink /proc/self/ns/net')).not.toBe(readlinkSync('/proc/self/ns/net'))
      expect((await runInside(cluster, '/usr/bin/grep : /proc/net/dev')).split('\n').map((line) => line.split(':')[0]?.trim())).toEqual(['lo'])
    }
    if (process.getuid?.() === 0 && namespaces.length > 0) expect(without).toEqual([])
  })
  delete process.env.LIFEBOAT_CANARY
  expect(existsSync(directory)).toBe(false)
  expect(existsSync(socket)).toBe(false)
  expect(await processesMentioning(directory)).toEqual([])
})

test('a path as a host is refused, but for the socket of a private server for as long as that lives', async () => {
  const connection = await withPrivateCluster(options(), async (cluster) => {
    assertTransport(cluster.connection('postgres'))
    expect(() => assertTransport({ ...cluster.connection('postgres'), host: '/var/run/postgresql' })).toThrow(/host/)
    await expect(openClient({ ...cluster.connection('postgres'), password: 'another' }, { retryForMs: 0 })).rejects.toMatchObject({
      code: 'access_denied',
    })
    return cluster.connection('postgres')
  })
  expect(() => assertTransport(connection)).toThrow(/host/)
})

test('work that fails, is cancelled or grows beyond its limit ends the server, and the reason is told', async () => {
  const cancel = new AbortController()
  const dirs: string[] = []
  const slow = async (cluster: PrivateCluster, signal: AbortSignal) => {
    dirs.push(cluster.directory)
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
  await expect(withPrivateCluster({ ...options(), maximumBytes: 1 << 20 }, slow)).rejects.toMatchObject({ code: 'disk_full' })
  const cancelled = withPrivateCluster({ ...options(), signal: cancel.signal }, async (cluster, signal) => {
    cancel.abort(new Error('a person said stop'))
    await slow(cluster, signal).catch(() => {})
  })
  await expect(cancelled).rejects.toThrow('a person said stop')
  for (const dir of dirs) expect(existsSync(dir)).toBe(false)
  expect(await readdir(stagingDir)).toEqual([])
})

test('a private server dies with a worker that is killed, and the next one removes what it left', async () => {
  const script = `
    import { withPrivateCluster } from ${JSON.stringify(new URL('./private-cluster.ts', import.meta.url).href)}
    await withPrivateCluster({ major: 15, stagingDir: ${JSON.stringify(stagingDir)}, signal: new AbortController().signal, applicationName: 'x' }, async (cluster) => {
      console.log(cluster.directory)
      await new Promise(() => setInterval(() => {}, 1000))
    })`
  const worker = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: process.cwd(),
  })
  const [said] = (await once(worker.stdout, 'data')) as [Buffer]
  const directory = said.toString().trim()
  const serverPid = Number((await readFile(join(directory, 'data/postmaster.pid'), 'utf8')).split('\n')[0])
  expect(serverPid).toBeGreaterThan(0)
  const exited = once(worker, 'exit')
  worker.kill('SIGKILL')
  await exited
  await expect.poll(async () => (await processesMentioning(directory)).length).toBe(0)
  await sweepPrivatePlaces()
  // below staging it goes with the staging directory
  if (process.getuid?.() === 0) expect(existsSync(directory)).toBe(false)
})
