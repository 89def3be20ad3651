import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import { backupName, backupPath } from '#lib/domain/names.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { dump } from '#lib/engine/postgres/dump.ts'
import { readGlobals } from '#lib/engine/postgres/globals.ts'
import { preflight } from '#lib/engine/postgres/preflight.ts'
import { chooseTool, findTools } from '#lib/engine/postgres/tools.ts'
import { sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import { deriveKeys, newBackupKey } from '#lib/engine/seal/keys.ts'
import { sealManifest } from '#lib/engine/seal/manifest.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { openEntryStore } from '#lib/operations/run/backup/store-entries.ts'
import { buildManifest } from '#lib/operations/run/backup/store-manifest.ts'

const signal = new AbortController().signal

/** A whole backup of `conn` on `driver`, made of the engine's parts as a backup operation does, with no catalogue. */
export async function sealedBackup(
  conn: Connection,
  driver: StorageDriver,
  options: { master: Buffer; recoveryPublicPem: string | null; stagingDir: string; at?: Date },
): Promise<Manifest> {
  const keys = deriveKeys(options.master)
  const tools = await findTools()
  const looked = await preflight(conn, { tools, stagingDir: options.stagingDir, forKind: 'backup', signal })
  if (!looked.server || !looked.settings) throw new Error(`the database could not be read: ${JSON.stringify(looked.findings)}`)
  const database = { id: randomUUID(), name: 'shop', dbname: conn.dbname, host: conn.host, port: conn.port } as DatabaseRow
  const snapshotAt = options.at ?? new Date()
  const attempt = randomUUID().slice(0, 8)
  const backup = {
    id: randomUUID() as string,
    name: backupName('daily', snapshotAt),
    path: backupPath(database, 'daily', snapshotAt, attempt),
    tier: 'daily' as const,
    attempt,
    snapshotAt,
    startedAt: snapshotAt,
  }
  const backupKey = newBackupKey()
  const { recoveryPublicPem } = options
  const key = sealBackupKey(backupKey, { backupId: backup.id, kek: keys.kek, keyId: keys.keyId, recoveryPublicPem })
  await driver.putSmall(`${backup.path}/key`, key, { signal, overwrite: false })
  const target = { storageId: randomUUID(), storageName: 'test', driver, problem: null, waits: false, versions: {} }
  const entries = openEntryStore({
    backupKey,
    backupId: backup.id,
    path: backup.path,
    targets: [target],
    signal,
    stallMs: 60_000,
    sizeHint: looked.server.databaseBytes,
    onStored: () => {},
  })
  const toolPath = chooseTool(tools, 'pg_dump', Math.floor(looked.server.versionNum / 10_000)).path
  const dumped = await dump(conn, { stagingDir: options.stagingDir, toolPath, jobs: 2, signal, onEntry: (entry) => entries.store(entry) })
  const globals = Buffer.from(JSON.stringify(await readGlobals(conn, { roles: looked.needs.roles, signal })))
  await entries.store({
    kind: 'globals',
    dumpId: null,
    async *open() {
      yield globals
    },
  })
  const manifest = buildManifest({
    backup,
    finishedAt: backup.startedAt,
    database,
    looked: { server: looked.server, needs: looked.needs, settings: looked.settings },
    dumped,
    stored: entries.stored,
    previousManifestSha256: null,
  })
  await driver.put(`${backup.path}/manifest`, Readable.from([await sealManifest({ manifest, backupKey, signing: keys.signing })]), { signal })
  return manifest
}
