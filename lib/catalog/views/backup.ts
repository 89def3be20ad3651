import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { compareBackups as compareContents } from '#lib/domain/compare-backups.ts'
import type { BackupComparison, BackupDetail, BackupView } from '#lib/domain/views.ts'
import { backupViewOf, selectBackups } from './backups.ts'
import { copiesOf } from './copies.ts'
import { keptOf } from './kept.ts'
import { holdsOf } from './holds.ts'
import { isUuid, iso, notFound, operationSeenBy, seenBy } from './scope.ts'

/** One backup with its contents, the history of its verifications and of restores from it, newest first. */
export async function readBackup(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<BackupDetail> {
  if (!isUuid(id)) throw notFound('backup')
  const row = await selectBackups(catalog)
    .select([
      'backups.path',
      'backups.operation_id',
      'backups.server_version_num',
      'backups.tool_version',
      'backups.key_id',
      'backups.manifest_sha256',
      'backups.origin',
    ])
    .where('backups.id', '=', id)
    .where(seenBy(actor, 'backups.database_id'))
    .executeTakeFirst()
  if (row === undefined) throw notFound('backup')
  const copies = await copiesOf(catalog, [id])
  return {
    ...backupViewOf(row, copies.get(id) ?? []),
    path: row.path,
    operationId: row.operation_id,
    serverVersion: row.server_version_num === null ? null : versionOf(row.server_version_num),
    toolVersion: row.tool_version,
    keyId: row.key_id,
    manifestSha256: row.manifest_sha256,
    origin: row.origin,
    contents: await contentsOf(catalog, id),
    verifications: await verificationsOf(catalog, id),
    holdList: await holdsOf(catalog, { id, name: row.name, database: { id: row.database_id, name: row.database_name } }),
    kept: await keptOf(catalog, { id, databaseId: row.database_id }),
    restores: await restoresOf(catalog, actor, id),
  }
}

/** What changed from the older to the newer of two backups, whichever was named first. */
export async function compareBackups(catalog: Kysely<Catalog>, actor: Actor, oneId: string, otherId: string): Promise<BackupComparison> {
  const [one, other] = await Promise.all([readBackup(catalog, actor, oneId), readBackup(catalog, actor, otherId)])
  const [older, newer] = one.createdAt <= other.createdAt ? [one, other] : [other, one]
  return { older: viewIn(older), newer: viewIn(newer), changes: compareContents(older.contents, newer.contents) }
}

/** Without its contents and history. */
function viewIn(detail: BackupDetail): BackupView {
  const { id, name, database, tier, state, createdAt, finishedAt, tables, rows, rawBytes, storedBytes } = detail
  const { verifiedAt, provenAt, suspicious, look, holds, copies } = detail
  return {
    id,
    name,
    database,
    tier,
    state,
    createdAt,
    finishedAt,
    tables,
    rows,
    rawBytes,
    storedBytes,
    verifiedAt,
    provenAt,
    suspicious,
    look,
    holds,
    copies,
  }
}

/** 150020 is 15.20. */
function versionOf(num: number): string {
  return `${Math.floor(num / 10_000)}.${num % 10_000}`
}

async function contentsOf(catalog: Kysely<Catalog>, backupId: string): Promise<BackupDetail['contents']> {
  const rows = await catalog.selectFrom('backup_tables').selectAll().where('backup_id', '=', backupId).orderBy('ordinal').execute()
  return rows.map((row) => ({
    ordinal: row.ordinal,
    kind: row.kind,
    schema: row.schema,
    name: row.name,
    rows: row.rows,
    rawBytes: row.raw_bytes,
    storedBytes: row.stored_bytes,
    rawSha256: row.raw_sha256,
  }))
}

async function verificationsOf(catalog: Kysely<Catalog>, backupId: string): Promise<BackupDetail['verifications']> {
  const rows = await catalog
    .selectFrom('verifications')
    .innerJoin('copies', 'copies.id', 'verifications.copy_id')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .selectAll('verifications')
    .select('storages.name as storage')
    .where('copies.backup_id', '=', backupId)
    .orderBy('verifications.id', 'desc')
    .limit(200)
    .execute()
  return rows.map((row) => ({
    at: iso(row.at),
    storage: row.storage,
    verdict: row.verdict,
    entriesChecked: row.entries_checked,
    bytesRead: row.bytes_read,
    badEntries: row.bad_entries,
    operationId: row.operation_id,
  }))
}

async function restoresOf(catalog: Kysely<Catalog>, actor: Actor, backupId: string): Promise<BackupDetail['restores']> {
  const rows = await catalog
    .selectFrom('operations')
    .select(['id', 'created_at', 'state'])
    .select([sql<string | null>`result #>> '{restore,outcome}'`.as('outcome'), sql<string | null>`input ->> 'targetDbname'`.as('target')])
    .where('kind', '=', 'restore')
    .where('dry_run', '=', false)
    .where(sql<boolean>`(backup_id = ${backupId}::uuid or input ->> 'backupId' = ${backupId})`)
    .where(operationSeenBy(actor))
    .orderBy('created_at', 'desc')
    .limit(100)
    .execute()
  return rows.map((row) => ({ operationId: row.id, at: iso(row.created_at), outcome: row.outcome, target: row.target, state: row.state }))
}
