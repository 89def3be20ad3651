import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Manifest } from '#lib/domain/manifest.ts'
import { deriveKeys, newBackupKey } from './keys.ts'
import { openManifest, sealManifest } from './manifest.ts'

const keys = deriveKeys(Buffer.alloc(32, 1))
const backupKey = newBackupKey()
const hash = 'ab'.repeat(32)
const now = new Date().toISOString()
const manifest: Manifest = {
  format: 'lifeboat/1',
  backupId: randomUUID(),
  attempt: '01234567',
  path: 'cap-table-01234567/daily/backup_daily_20261122_030000_01234567',
  name: 'backup_daily_20261122_030000',
  tier: 'daily',
  database: { id: randomUUID(), name: 'cap table', dbname: 'cap_table', host: 'localhost', port: 5432, systemIdentifier: '7', oid: 16384 },
  previousManifestSha256: null,
  versions: { lifeboat: '0.1.0', server: '15.20', serverNum: 150020, tool: '15.20', archive: '1.14' },
  settings: {
    TimeZone: 'UTC',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    extra_float_digits: '3',
    bytea_output: 'hex',
    lc_monetary: 'C',
    client_encoding: 'UTF8',
    server_encoding: 'UTF8',
    lc_collate: 'C',
    lc_ctype: 'C',
  },
  needs: { extensions: [], roles: [], tablespaces: [], databaseBytes: 1, largeObjects: 0 },
  timings: { snapshotAt: now, startedAt: now, finishedAt: now },
  entries: [{ ordinal: 1, kind: 'toc', rawBytes: 1, storedBytes: 1, rawSha256: hash, storedSha256: hash }],
  totals: { entries: 1, tables: 0, rows: 0, rawBytes: 1, storedBytes: 1 },
  suspicious: null,
}
const options = { backupKey, backupId: manifest.backupId, signingPublicPem: keys.signing.publicKeyPem, expectedPath: manifest.path }

test('a manifest comes back as it was sealed, and its names do not stand in clear', async () => {
  const stored = await sealManifest({ manifest, backupKey, signing: keys.signing })
  expect(await openManifest(stored, options)).toEqual(manifest)
  expect(stored.includes('cap_table')).toBe(false)
})

test('a manifest that was moved under another path is refused, and says where it belongs', async () => {
  const stored = await sealManifest({ manifest, backupKey, signing: keys.signing })
  const moved = openManifest(stored, { ...options, expectedPath: 'elsewhere/daily/x' })
  await expect(moved).rejects.toMatchObject({ code: 'corrupt', detail: { reason: 'moved', path: manifest.path } })
})

test('a manifest signed by somebody else is refused, even when it was sealed with the right backup key', async () => {
  const stranger = deriveKeys(Buffer.alloc(32, 2))
  const stored = await sealManifest({ manifest, backupKey, signing: stranger.signing })
  await expect(openManifest(stored, options)).rejects.toMatchObject({ code: 'corrupt' })
})

test('an edited manifest, that of another backup, and a wrong key are refused', async () => {
  const stored = await sealManifest({ manifest, backupKey, signing: keys.signing })
  const edited = Buffer.from(stored)
  edited[edited.length - 40] = (edited[edited.length - 40] ?? 0) ^ 1
  await expect(openManifest(edited, options)).rejects.toMatchObject({ code: 'corrupt' })
  await expect(openManifest(stored, { ...options, backupId: randomUUID() })).rejects.toMatchObject({ code: 'corrupt' })
  await expect(openManifest(stored, { ...options, backupKey: newBackupKey() })).rejects.toMatchObject({ code: 'wrong_key' })
})
