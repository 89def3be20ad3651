import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestImport } from '#lib/operations/import/request.ts'
import { errorOf, untilFinished, untilFollowersFinished } from './follow.ts'
import { plain, talk } from './output.ts'
import type { Session } from './session.ts'

/** Does a word name a file of the older scripts? No backup's name has a dot. */
export function namesOldFile(word: string): boolean {
  return /\.(?:sql|dump)(?:\.gz)?(?:\.enc)?$/i.test(word)
}

/** Imports a file of this machine in this process, which alone is sure to see it and has the key that it was given. */
export async function importFile(
  session: Session,
  options: { file: string; databaseId: string; storageIds?: string[]; keyFile?: string; force?: boolean; dryRun?: boolean },
): Promise<{ row: OperationRow; verifies: OperationRow[] }> {
  const workerId = randomUUID()
  const { id } = await requestImport(session.catalog, session.actor, {
    ...options,
    place: 'machine',
    file: path.resolve(options.file),
    keyFile: options.keyFile === undefined ? null : path.resolve(options.keyFile),
    workerId,
    via: 'cli',
  })
  const row = await untilFinished(session, id, { workerId })
  return { row, verifies: row.dry_run ? [] : await untilFollowersFinished(session, id) }
}

/** A file in the place of a backup: it becomes one first. Throws what the import failed of. */
export async function importFirst(session: Session, file: string, database: DatabaseRow): Promise<BackupRow> {
  if (!existsSync(file)) throw new LifeboatError('not_found', `There is no file ${file}.`, 'Backups have other names: lifeboat list-backups')
  talk(`${plain(file)} is a file of the older scripts: importing it first.`)
  const { row } = await importFile(session, { file, databaseId: database.id })
  const failed = errorOf(row)
  if (failed !== null) throw failed
  for (const finding of row.findings) talk(`${finding.severity}: ${plain(finding.message)}`)
  const made = row.backup_id === null ? null : await getBackup(session.catalog, row.backup_id)
  if (made === null) throw new LifeboatError('failed', 'The imported backup is not there.', `lifeboat operations show ${row.id}`)
  return made
}
