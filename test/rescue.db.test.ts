import { spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Manifest } from '#lib/domain/manifest.ts'
import { hashTables } from '#lib/engine/postgres/compare.ts'
import { openBackupKey, sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import { deriveKeys, rawSigner } from '#lib/engine/seal/keys.ts'
import { sealManifest } from '#lib/engine/seal/manifest.ts'
import { makeRecoveryKey } from '#lib/engine/seal/recovery-key.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { writeMarker } from '#lib/engine/storage/marker.ts'
import { putRecoveryFiles, rescueScriptKey, rescueScriptSha256 } from '#lib/engine/storage/recovery-files.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { hostileSql } from './support/hostile.ts'
import { pgDump } from './support/raw-backup.ts'
import { sealedBackup } from './support/sealed-backup.ts'

/** Everything below runs the script that lies on the storage, from an empty directory, with the key and nothing else. */
const master = randomBytes(32)
let source: Cluster
let target: Cluster
let place: string
let backup: Manifest
let pictures: Manifest
let recovery: Awaited<ReturnType<typeof makeRecoveryKey>>
let work: string

beforeAll(async () => {
  ;[source, target] = await Promise.all([startCluster(), startCluster({ password: 'se:cr\\et' })])
  place = await mkdtemp(join(tmpdir(), 'lifeboat-rescue-place-'))
  const storage = join(place, 'storage')
  const staging = join(place, 'staging')
  await makeLocalRoot(storage)
  await mkdir(staging, { mode: 0o700 })
  const id = randomUUID()
  await writeMarker(openLocalStorage({ path: storage, storageId: null }), id)
  const driver = openLocalStorage({ path: storage, storageId: id })
  await putRecoveryFiles(driver)
  recovery = await makeRecoveryKey()
  await source.createDatabase('shop')
  for (const sql of hostileSql) await source.query('shop', sql)
  await source.query('shop', `CREATE TABLE bulk AS SELECT n, pg_catalog.md5(n::text) AS t FROM pg_catalog.generate_series(1, 60000) n`)
  backup = await sealedBackup(source.connection('shop'), driver, { master, recoveryPublicPem: recovery.publicPem, stagingDir: staging })
  await source.createDatabase('pictures')
  await source.query('pictures', `SELECT count(lo_from_bytea(0, decode(md5(n::text), 'hex'))) FROM generate_series(1, 6000) n`)
  pictures = await sealedBackup(source.connection('pictures'), driver, { master, recoveryPublicPem: recovery.publicPem, stagingDir: staging })
  const wanted = new Set(backup.needs.roles)
  for (const role of wanted) await target.query('postgres', `CREATE ROLE "${role.replaceAll('"', '""')}"`).catch(() => undefined)
})
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
  if (place) await rm(place, { recursive: true })
})
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'lifeboat-rescue-test-'))
  await cp(join(place, 'storage', rescueScriptKey), join(work, 'rescue.mjs'))
  await cp(join(place, 'storage', backup.path), join(work, 'backup'), { recursive: true })
  // every copy may have a hold beside it: the script goes by what the manifest lists
  await writeFile(join(work, 'backup', 'hold'), 'a sealed hold')
  await writeFile(join(work, 'key'), `${master.toString('base64')}\n`, { mode: 0o600 })
  await mkdir(join(work, 'tmp'))
})
afterEach(async () => {
  expect(await readdir(join(work, 'tmp')), 'nothing stays in the temporary directory').toEqual([])
  await rm(work, { recursive: true })
})

function rescue(args: string[], change: Record<string, string> = {}): Promise<{ code: number | null; out: string }> {
  const env = {
    PATH: '/usr/bin:/bin',
    TMPDIR: join(work, 'tmp'),
    PGHOST: '127.0.0.1',
    PGPORT: String(target.port),
    PGUSER: 'postgres',
    PGPASSWORD: 'se:cr\\et',
    ...change,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['rescue.mjs', ...args], {
      cwd: work,
      env: env as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out }))
  })
}

async function expectEqual(dbname: string): Promise<void> {
  const staging = await mkdtemp(join(tmpdir(), 'lifeboat-rescue-compare-'))
  const { settings } = backup
  const signal = new AbortController().signal
  const again = await hashTables(target.connection(dbname), { stagingDir: staging, toolPath: pgDump, jobs: 2, signal, settings })
  await rm(staging, { recursive: true })
  const hashes = new Map(again.tables.map((one) => [JSON.stringify([one.schema, one.table]), one]))
  const tables = backup.entries.filter((entry) => entry.kind === 'table' && !entry.viaPartitionRoot)
  expect(tables.length).toBeGreaterThan(20)
  for (const { schema, table, rows, rawSha256 } of tables)
    expect(hashes.get(JSON.stringify([schema, table])), `${schema}.${table}`).toMatchObject({ rows, rawSha256 })
  expect(again.largeObjects?.count).toBe(62)
  expect(again.largeObjects?.rawSha256).toBe(backup.entries.find((entry) => entry.kind === 'large_objects')?.rawSha256)
}

test('the script on the storage is the one whose hash stands on the recovery sheet, and the guide names it', async () => {
  const stored = await readFile(join(place, 'storage', rescueScriptKey))
  expect(createHash('sha256').update(stored).digest('hex')).toBe(await rescueScriptSha256())
  const guide = await readFile(join(place, 'storage', 'RECOVERY.md'), 'utf8')
  expect(guide).toContain(await rescueScriptSha256())
  expect(guide).not.toContain('{{')
})

test('with the master key a backup comes back whole: every table, row and large object', async () => {
  const { code, out } = await rescue(['restore', 'backup', '--key-file', 'key', '--into', 'rescued'])
  expect(out).toContain('Signature  checked')
  expect(out).toContain('Restored')
  expect(code).toBe(0)
  expect(out).not.toContain(master.toString('base64'))
  await expectEqual('rescued')
})

test('with the recovery key too; the signature is checked when its public key is given, and said to be unchecked otherwise', async () => {
  await writeFile(join(work, 'recovery.pem'), recovery.privatePem, { mode: 0o600 })
  await writeFile(join(work, 'signing.pem'), deriveKeys(master).signing.publicKeyPem)
  expect((await rescue(['verify', 'backup', '--key-file', 'recovery.pem'])).out).toContain('signature not checked')
  await writeFile(join(work, 'stranger.pem'), deriveKeys(randomBytes(32)).signing.publicKeyPem)
  expect(await rescue(['verify', 'backup', '--key-file', 'recovery.pem', '--public-key', 'stranger.pem'])).toMatchObject({ code: 3 })
  const name = `host=evil dbname='x' "quoted"`
  const { code, out } = await rescue(['restore', 'backup', '--key-file', 'recovery.pem', '--public-key', 'signing.pem', '--into', name])
  expect(out).toContain('Signature  checked')
  expect(code, out).toBe(0)
  await expectEqual(name)
})

test('after a rotation the new key alone opens a backup that the old one sealed and signed, and a manifest that was put in the place of that one is refused', async () => {
  const before = deriveKeys(master)
  const rotatedMaster = randomBytes(32)
  const rotated = deriveKeys(rotatedMaster)
  const backupKey = openBackupKey(await readFile(join(work, 'backup', 'key')), { backupId: backup.backupId, kek: before.kek })
  const manifest = await readFile(join(work, 'backup', 'manifest'))
  const again = { backupId: backup.backupId, kek: rotated.kek, keyId: rotated.keyId, recoveryPublicPem: null }
  const vouches = { signer: rawSigner(before.signing.publicKeyPem), manifestSha256: createHash('sha256').update(manifest).digest('hex') }
  await writeFile(join(work, 'backup', 'key_2'), sealBackupKey(backupKey, { ...again, vouches }))
  await writeFile(join(work, 'new-key'), rotatedMaster.toString('base64'), { mode: 0o600 })
  const { code, out } = await rescue(['verify', 'backup', '--key-file', 'new-key'])
  expect(out).toContain('Signature  checked')
  expect(code, out).toBe(0)
  expect(await rescue(['verify', 'backup', '--key-file', 'key']), 'the old key goes on opening').toMatchObject({ code: 0 })

  // whoever stole the old key can sign another manifest, and is not believed for it
  const forged = await sealManifest({ manifest: { ...backup, suspicious: null, tier: 'weekly' }, backupKey, signing: before.signing })
  await writeFile(join(work, 'backup', 'manifest'), forged)
  const refused = await rescue(['restore', 'backup', '--key-file', 'new-key', '--into', 'forged'])
  expect(refused).toMatchObject({ code: 3, out: expect.stringContaining('sealed anew') })
})

test('list names every backup and, with a key, what is in it', async () => {
  expect(await rescue(['list', '.'])).toMatchObject({ code: 0, out: expect.stringContaining('backup\n') })
  expect((await rescue(['list', '.', '--key-file', 'key'])).out).toContain(`${backup.totals.rows} rows`)
})

test('extract writes an archive that pg_restore reads by itself', async () => {
  expect(await rescue(['extract', 'backup', '--key-file', 'key', '--to', 'clear'])).toMatchObject({ code: 0 })
  const names = await readdir(join(work, 'clear'))
  expect(names).toContain('toc.dat')
  expect(names.filter((name) => /^\d+\.dat$/.test(name))).toHaveLength(backup.totals.tables)
  await target.createDatabase('extracted')
  const pgRestore = pgDump.replace('pg_dump', 'pg_restore')
  const args = ['-Fd', '--exit-on-error', '-d', 'extracted', '-h', '127.0.0.1', '-p', String(target.port), '-U', 'postgres', join(work, 'clear')]
  const env = { PGPASSWORD: 'se:cr\\et', PATH: '/usr/bin:/bin' } as unknown as NodeJS.ProcessEnv
  const code = await new Promise((resolve) => spawn(pgRestore, args, { env, stdio: 'ignore' }).on('close', resolve))
  expect(code).toBe(0)
  await expectEqual('extracted')
})

test('a wrong key is refused by name before anything is read, and the target is not touched', async () => {
  await writeFile(join(work, 'other'), randomBytes(32).toString('base64'))
  const { code, out } = await rescue(['restore', 'backup', '--key-file', 'other', '--into', 'never'])
  expect(code).toBe(5)
  expect(out).toContain(deriveKeys(master).keyId)
  expect(await target.query('postgres', `SELECT 1 FROM pg_database WHERE datname = 'never'`)).toEqual([])
})

const entryOf = (kind: string) => `e${String(backup.entries.find((entry) => entry.kind === kind)?.ordinal).padStart(6, '0')}`
const bulk = () => `e${String(backup.entries.find((entry) => entry.table === 'bulk')?.ordinal).padStart(6, '0')}`

async function flip(name: string, at: number): Promise<void> {
  const bytes = await readFile(join(work, 'backup', name))
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  await writeFile(join(work, 'backup', name), bytes)
}

test.each<[string, () => Promise<void>]>([
  ['a bit flipped in a table', () => flip(bulk(), 50_000)],
  ['a bit flipped in the last tag', () => flip(bulk(), -1)],
  ['a bit flipped in the table of contents', () => flip(entryOf('toc'), 400)],
  ['a bit flipped in the manifest', () => flip('manifest', 900)],
  ['a table cut off', () => truncate(join(work, 'backup', bulk()), 100_000)],
  ['a missing entry', () => rm(join(work, 'backup', entryOf('large_objects')))],
  ['garbage behind an entry', async () => writeFile(join(work, 'backup', entryOf('globals')), 'more', { flag: 'a' })],
  [
    'two entries that changed places',
    async () => {
      const at = (name: string) => join(work, 'backup', name)
      await rename(at('e000001'), at('x'))
      await rename(at('e000002'), at('e000001'))
      await rename(at('x'), at('e000002'))
    },
  ],
  ['no manifest', () => rm(join(work, 'backup', 'manifest'))],
])('%s is found before the target is touched', async (_what, damage) => {
  await damage()
  const { code, out } = await rescue(['restore', 'backup', '--key-file', 'key', '--into', 'damaged'])
  expect(code, out).toBe(3)
  expect(await target.query('postgres', `SELECT 1 FROM pg_database WHERE datname = 'damaged'`)).toEqual([])
})

test('of thousands of large objects at the end of the archive, where pg_restore stops reading early, all come back, and the restore says so', async () => {
  await cp(join(place, 'storage', pictures.path), join(work, 'pictures'), { recursive: true })
  const { code, out } = await rescue(['restore', 'pictures', '--key-file', 'key', '--into', 'pictures'])
  expect(out).toContain('Restored   0 tables')
  expect(code).toBe(0)
  const content = `SELECT count(*), md5(string_agg(loid::text || encode(data, 'hex'), ',' ORDER BY loid)) FROM pg_largeobject`
  expect(await target.query('pictures', content)).toEqual(await source.query('pictures', content))
})

test('an existing database that is not empty stays as it was, and one that exists is never taken for a new one', async () => {
  await target.createDatabase('occupied')
  await target.query('occupied', 'CREATE TABLE bulk (other int)')
  const { code, out } = await rescue(['restore', 'backup', '--key-file', 'key', '--into', 'occupied', '--existing'])
  expect(code).toBe(1)
  expect(out).toContain('already exists')
  expect(out).toContain('as it was before')
  expect(await target.query('occupied', `SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)).toEqual([
    { tablename: 'bulk' },
  ])
  expect(await rescue(['restore', 'backup', '--key-file', 'key', '--into', 'occupied'])).toMatchObject({
    code: 1,
    out: expect.stringContaining('nothing was restored'),
  })
})

test('an error of pg_restore in a new database ends the restore as failed, and says what to do', async () => {
  const fake = join(work, 'bin')
  await mkdir(fake)
  await writeFile(
    join(fake, 'pg_restore'),
    '#!/bin/sh\ncase "$1" in --version) echo pg_restore 15.20;; *) head -c 100000 >/dev/null; echo no such luck >&2; exit 1;; esac\n',
    { mode: 0o755 },
  )
  await symlink(pgDump.replace('pg_dump', 'createdb'), join(fake, 'createdb'))
  const { code, out } = await rescue(['restore', 'backup', '--key-file', 'key', '--into', 'half', '--pg-restore', join(fake, 'pg_restore')])
  expect(code).toBe(1)
  expect(out).toContain('no such luck')
  expect(out).toContain('drop it')
  expect(await rescue(['restore', 'backup', '--key-file', 'key', '--into', 'x', '--pg-restore', '/nowhere'])).toMatchObject({
    code: 1,
    out: expect.stringContaining('postgresql-client-15'),
  })
})

test('without a key, a directory or a command it says what it needs', async () => {
  expect(await rescue(['restore', 'backup', '--into', 'x'])).toMatchObject({ code: 2, out: expect.stringContaining('--key-file') })
  expect(await rescue(['verify', 'nowhere', '--key-file', 'key'])).toMatchObject({ code: 2 })
  expect(await rescue(['explode', 'backup'])).toMatchObject({ code: 2 })
  expect(await rescue([])).toMatchObject({ code: 0, out: expect.stringContaining('verify BACKUP') })
})
