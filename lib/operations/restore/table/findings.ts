import type { Finding } from '#lib/domain/plan.ts'
import { formatBytes } from '#lib/domain/units.ts'
import type { BackupTable } from '#lib/engine/postgres/backup-table.ts'
import type { LiveFacts } from '#lib/engine/postgres/beside-facts.ts'
import type { TableRestore } from '../definition.ts'
import { blocker, passed, throughPooler } from '../findings.ts'
import type { PreparedTable } from './prepare.ts'

/** Whose names and definitions the table of contents gives character by character. */
const readableEncodings = ['UTF8', 'LATIN1', 'LATIN2', 'EUC_JP', 'EUC_KR', 'WIN1251', 'WIN1252', 'KOI8R']

/** Whether one transaction can be written there at all, by either way. Pure. */
export function serverFindings(
  facts: Pick<LiveFacts, 'isPooler' | 'inRecovery' | 'versionNum' | 'version'>,
  takenFrom: { serverNum: number },
): Finding[] {
  const findings: Finding[] = []
  if (facts.isPooler) findings.push(throughPooler)
  if (facts.inRecovery)
    findings.push(blocker('read_only_server', 'The target server is a standby: nothing can be written there.', 'Choose the primary server.'))
  const [major, source] = [facts.versionNum, takenFrom.serverNum].map((number) => Math.floor(number / 10_000)) as [number, number]
  if (major < source) {
    findings.push({
      severity: 'blocker',
      code: 'server_older',
      message: `The target server is PostgreSQL ${major}, and the backup was taken from ${source}.`,
      remedy: 'It may refuse definitions that it does not know. Then everything is rolled back, and nothing is changed.',
      overridable: true,
    })
  }
  return findings
}

/** What stands between a table of the backup and its place beside the live one. Pure. */
export function besideFindings(facts: LiveFacts, prepared: PreparedTable, tables: readonly BackupTable[], input: TableRestore): Finding[] {
  const { beside, toc } = prepared
  if (beside === null) return []
  const name = `${input.schema}.${beside.name}`
  const findings: Finding[] = []
  if (!facts.schemaExists) {
    findings.push(
      blocker(
        'schema_missing',
        `There is no schema ${input.schema} in ${input.targetDbname}.`,
        'Create it, or restore the whole backup into a new database.',
      ),
    )
  } else if (!facts.mayBuild) {
    findings.push(
      blocker('privileges', `The role ${facts.role} may not create a table in ${input.schema}.`, `Grant it CREATE on the schema ${input.schema}.`),
    )
  }
  if (facts.taken.length > 0)
    findings.push(blocker('target_exists', `Names that it needs are taken: ${facts.taken.join(', ')}.`, 'Start again: they hold the second.'))
  if (!readableEncodings.includes(toc.encoding))
    findings.push(
      blocker(
        'encoding',
        `The backup is in ${toc.encoding}, whose definitions cannot be read as text.`,
        'Restore the whole backup into a new database.',
      ),
    )
  if (new Set(tables.map((table) => JSON.stringify(table.columns))).size > 1)
    findings.push(blocker('partition_columns', 'Its partitions have their columns in different orders.', 'Bring its partitions back one by one.'))
  for (const object of facts.missing)
    findings.push(
      blocker(
        'needs_missing',
        `The table needs the ${object}, which the live database has not.`,
        'Create it there, or restore the whole backup into a new database.',
      ),
    )
  const lost = beside.leftOut.filter((one) => one.loss)
  for (const one of lost) {
    findings.push({
      severity: 'warning',
      code: 'left_out',
      message: `${one.object} cannot be built beside.`,
      remedy: 'The rows come back without it; the result names it as a loss.',
      overridable: true,
    })
  }
  if (beside.parents.length > 0)
    findings.push(passed('locks', 'The parents that it inherited from cannot be altered until the commit; nothing else that is live is locked.'))
  if (!findings.some((one) => one.severity === 'blocker'))
    findings.push(passed('target_free', `${name} is a new table. The live table and all others stay as they are.`))
  findings.push(
    passed('privileges_none', `It belongs to ${facts.role}, and nobody else may read it. Foreign keys, triggers and policies are left out.`),
    {
      severity: 'warning',
      code: 'target_space',
      message: `Needs about ${formatBytes(Math.max(1, prepared.rawBytes) * 2)} on the target server, beside the live table; its free space cannot be seen through SQL.`,
      remedy: 'Look at the disk of the target server before you go on.',
      overridable: true,
    },
  )
  if (tables.length === 1 && tables[0]?.viaPartitionRoot)
    findings.push(passed('partition', 'It is a partition whose rows may come back in another order.'))
  return findings
}
