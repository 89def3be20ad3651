import type { BackupRow } from '#lib/catalog/backups.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { ChosenCopy } from './choose-copy.ts'
import { passed, warning } from './findings.ts'

/** What is known of the backup and of the copy that is read. `what` is restored: all of it, or one table. */
export function aboutBackup(backup: BackupRow, copy: ChosenCopy, what: 'database' | 'table' = 'database'): Finding[] {
  const findings = [
    passed(
      'manifest',
      `The manifest on ${copy.storageName} is authentic: ${formatCount(copy.manifest.totals.tables)} tables, ${formatCount(copy.manifest.totals.rows)} rows.`,
    ),
    copy.verified
      ? passed('verified', `Every stored byte of this copy was read back; each is read and checked again before the target is touched.`)
      : warning(
          'not_verified',
          `The copy on ${copy.storageName} was never read back.`,
          'It is read and checked before the target is touched; a bad entry stops the restore there.',
        ),
  ]
  const age = Math.max(0, (Date.now() - backup.created_at.getTime()) / 1000)
  findings.push(
    warning(
      'changes_since',
      `Changes of the last ${formatDuration(age)} are not in this backup.`,
      what === 'table'
        ? 'The row comparison, or a look at both tables, shows which.'
        : 'Where the live database still runs they stay in it: this restore does not touch it.',
    ),
  )
  if (copy.manifest.suspicious !== null) {
    findings.push(
      warning(
        'suspicious',
        `This backup looked suspicious when it was taken: ${copy.manifest.suspicious}`,
        'Compare it with an earlier backup first.',
      ),
    )
  }
  return findings
}
