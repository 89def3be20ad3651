import { formatBytes, formatCount, formatUtc } from '#lib/domain/units.ts'
import type { RunbookBackup, RunbookFacts, RunbookStep } from './runbook.ts'

export function backupsHref(databaseId: string): string {
  return `/backups?${new URLSearchParams({ databaseId })}`
}

/** The wizard with its answers filled in; it opens at the first step that is still open. */
export function wizard(facts: RunbookFacts, label: string, answers: Record<string, string>): RunbookStep['whereInConsole'] {
  const query = new URLSearchParams({ ...answers, database: facts.database.id })
  if (facts.newest !== null) query.set('backup', facts.newest.id)
  return { label, href: `/restore?${query}` }
}

export function pointWords(backup: RunbookBackup | null): string {
  if (backup === null) return 'none'
  const proof = backup.verifiedAt === null ? 'never read back' : `read back whole ${formatUtc(backup.verifiedAt)}`
  return `${backup.name} (taken ${formatUtc(backup.createdAt)}, ${formatCount(backup.tables, 'table')}, ${formatCount(backup.rows, 'row')}, ${formatBytes(backup.rawBytes)}, ${proof})`
}
