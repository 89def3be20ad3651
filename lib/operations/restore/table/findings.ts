import type { Finding } from '#lib/domain/plan.ts'
import { formatBytes } from '#lib/domain/units.ts'
import type { LiveFacts } from '#lib/engine/postgres/beside-facts.ts'
import type { TableRestore } from '../definition.ts'
import { blocker, passed } from '../findings.ts'
import type { PreparedTable } from './prepare.ts'

/** What stands between a table of the backup and its place beside the live one. Pure. */
export function besideFindings(facts: LiveFacts, prepared: PreparedTable, input: TableRestore): Finding[] {
  const { beside, backup } = prepared
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
      blocker(
        'privileges',
        `The role ${facts.role} may not create a table in ${input.schema}, or no schema in ${input.targetDbname}.`,
        `Grant it CREATE on the database and on the schema ${input.schema}.`,
      ),
    )
  }
  if (facts.nameTaken) findings.push(blocker('target_exists', `${name} exists already.`, 'Start again: the name holds the second.'))
  for (const object of facts.missing)
    findings.push(
      blocker(
        'needs_missing',
        `The table needs the ${object}, which the live database has not.`,
        'Create it there, or restore the whole backup into a new database.',
      ),
    )
  const lost = beside.statements.leftOut.filter((one) => one.loss)
  for (const one of lost) {
    findings.push({
      severity: 'warning',
      code: 'left_out',
      message: `${one.object} cannot be built beside.`,
      remedy: 'The rows come back without it; the result names it as a loss.',
      overridable: true,
    })
  }
  if (findings.length === 0) findings.push(passed('target_free', `${name} is a new table. The live table and all others stay as they are.`))
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
  if (backup.viaPartitionRoot) findings.push(passed('partition', 'It is a partition whose rows may come back in another order.'))
  return findings
}
