import type { Finding } from '#lib/domain/plan.ts'
import type { Cloned } from '#lib/engine/postgres/clone.ts'
import { compareClone, type ComparedTable } from '#lib/engine/postgres/clone-compare.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { dump } from '#lib/engine/postgres/dump.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import { parseToc } from '#lib/engine/postgres/toc.ts'
import type { Loss } from '../restore/compare.ts'
import { compareDefinitions } from '../restore/compare-definitions.ts'
import { compareSchema } from '../restore/compare-schema.ts'
import { readFreshSchema } from '../restore/fresh-schema.ts'
import { roleMapOf } from '../restore/role-map.ts'
import type { RunContext } from '../run-context.ts'
import type { CloneInput } from './definition.ts'
import type { ReadyClone } from './ready.ts'

export interface ComparedClone {
  tables: ComparedTable[]
  losses: Loss[]
  findings: Finding[]
}

/**
 * Holds the clone against what was streamed into it: every table and large object by hash, the sequences, and every definition as it reads
 * there against how it read in the source at the moment of the snapshot.
 */
export async function compareWithSource(
  context: RunContext,
  options: { input: CloneInput; cloned: Cloned; connection: Connection; globals: Globals; ready: ReadyClone },
): Promise<ComparedClone> {
  const { input, cloned, connection, ready } = options
  const dropGrants = input.missingRoles === 'drop_grants'
  let done = 0
  const { tables, different } = await compareClone(connection, cloned, {
    jobs: input.jobs,
    signal: context.signal,
    settings: ready.source.settings ?? {},
    withoutGrants: dropGrants,
    onTable: () => context.progress({ phase: 'comparing with the source', doneItems: ++done, totalItems: cloned.tables.length, itemNoun: 'table' }),
  })
  const how = { dropGrants, databaseApart: options.globals.database !== undefined, rolesMapped: Object.keys(roleMapOf(input)).length > 0 }
  const restored = await dump(connection, {
    stagingDir: context.stagingDir,
    toolPath: ready.tools.dump.path,
    jobs: 1,
    signal: context.signal,
    definitionsOnly: { snapshot: null },
    onEntry: async () => {},
  })
  const schema = compareSchema(parseToc(cloned.toc), restored.toc, how)
  const definitions = await compareDefinitions(context, schema.differing, restored.toc, how, () =>
    readFreshSchema(context, {
      door: ready.target.connection,
      toc: cloned.toc,
      like: ready.facts.like,
      pgRestore: ready.tools.restore.path,
      pgDump: ready.tools.dump.path,
      dropGrants,
    }),
  )
  return {
    tables,
    losses: [
      ...tables.flatMap(lossOf),
      ...different,
      ...cloned.snapshot.withoutRows.map(({ schema: of, table }) => ({
        object: `${of}.${table}`,
        cause: 'It is unlogged, and the source is a standby: its rows are not there to be read.',
      })),
      ...[...schema.losses, ...definitions.losses].map((loss) => ({ ...loss, cause: ofSource(loss.cause) })),
    ],
    findings: definitions.findings.map((finding) => ({ ...finding, message: ofSource(finding.message) })),
  }
}

function lossOf({ schema, table, verdict, rows }: ComparedTable): Loss[] {
  if (verdict === 'same' || verdict === 'same_rows') return []
  const cause = verdict === 'missing' ? 'The table is not in the clone.' : `Its content differs from the source (the clone has ${rows} rows).`
  return [{ object: `${schema}.${table}`, cause }]
}

/** The comparison of definitions is that of a restore, and speaks of its backup. */
function ofSource(text: string): string {
  return text.replaceAll('the restored database', 'the clone').replaceAll(/\b(the|this) backup\b/g, 'the source')
}
