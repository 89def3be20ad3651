import type { Kysely } from 'kysely'
import { getCheck } from '#lib/catalog/checks.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type CheckResult, checkKinds } from '#lib/domain/watch/check-kinds.ts'

/**
 * A certificate that was known and cannot be asked for now is unknown, and not merely old: that its server does not answer is told of the server,
 * and is no failure of the watch. Empty: it was asked lately, or there was none.
 */
export async function unaskedCertificate(
  trx: Kysely<Catalog>,
  kind: 'certificate' | 'storage_certificate',
  subject: string,
  now: Date,
): Promise<CheckResult[]> {
  const row = await getCheck(trx, kind, subject)
  if (row === null || now.getTime() - row.checked_at.getTime() < checkKinds[kind].everySeconds * 1_000) return []
  const about = { subjectName: row.subject_name, databaseId: row.database_id, storageId: row.storage_id }
  return [{ kind, subject, ...about, status: 'unknown', words: 'Its certificate could not be asked for.', value: null, detail: {} }]
}
