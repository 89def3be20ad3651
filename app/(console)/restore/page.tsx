import type { Metadata } from 'next'
import { isPlanFor } from '#components/restore/is-plan-for.ts'
import { RestoreWizard } from '#components/restore/restore-wizard.tsx'
import type { TableChoice } from '#components/restore/step-table.tsx'
import { readAddress } from '#components/restore/wizard-address.ts'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readBackup } from '#lib/catalog/views/backup.ts'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { readOperation } from '#lib/catalog/views/operations.ts'
import type { BackupDetail } from '#lib/domain/views.ts'

export const metadata: Metadata = { title: 'Restore' }

/** the kinds of operation that the wizard begins */
const begins: readonly string[] = ['restore', 'clone']

export default async function RestorePage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const params = await searchParams
  const named = readAddress(params)
  const [databases, backup, dryRun, restore] = await Promise.all([
    listDatabases(catalog(), actor),
    named.backup === null ? null : found(readBackup(catalog(), actor, named.backup)),
    named.plan === null ? null : found(readOperation(catalog(), actor, named.plan)),
    named.operation === null ? null : found(readOperation(catalog(), actor, named.operation)),
  ])
  const address = { ...named, database: backup?.database.id ?? databases.find((one) => one.id === named.database)?.id ?? null }
  const points = address.database === null ? null : await listBackups(catalog(), actor, { databaseId: address.database, limit: 50 })
  return (
    <RestoreWizard
      address={address}
      asked={typeof params.step === 'string' ? params.step : null}
      role={actor.role}
      databases={databases}
      points={points?.rows ?? []}
      morePoints={points?.nextCursor != null}
      backup={backup}
      dryRun={isPlanFor(dryRun, address) ? dryRun : null}
      tables={address.happened === 'table' && backup !== null ? tablesOf(backup) : []}
      restore={restore !== null && begins.includes(restore.kind) && !restore.dryRun ? restore : null}
    />
  )
}

function tablesOf({ contents }: BackupDetail): TableChoice[] {
  return contents.flatMap(({ kind, schema, name, rows, rawBytes }) =>
    kind === 'table' && schema !== null && name !== null ? [{ schema, table: name, rows, rawBytes }] : [],
  )
}
