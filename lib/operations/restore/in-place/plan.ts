import { recoveryTimes } from '#lib/catalog/recovery-times.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type Finding, isBlocked, type Plan } from '#lib/domain/plan.ts'
import { estimateFrom } from '#lib/domain/recovery-times.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import { chooseInPlace, type InPlaceChoice } from '#lib/engine/postgres/in-place-choose.ts'
import { describeObjects, type LiveDatabase, readLive } from '#lib/engine/postgres/in-place-live.ts'
import { parseToc, type Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../../run-context.ts'
import type { ChosenCopy } from '../choose-copy.ts'
import type { FullRestore } from '../definition.ts'
import { type FetchedCopy, fetchCopy } from '../fetch.ts'
import { blocker } from '../findings.ts'
import type { PlannedRestore } from '../make-plan.ts'
import { aboutSafety, planSafety } from '../plan-safety.ts'
import { readToc } from '../read-entries.ts'
import type { VerifiedSafety } from '../require-safety.ts'
import { dependenciesOf, inPlaceFindings, onlyOfNewDatabases } from './findings.ts'

/** What the run does exactly what the plan said with. */
export interface PreparedInPlace {
  toc: Toc
  live: LiveDatabase
  choice: InPlaceChoice
}

/**
 * The plan of a restore into the live database, made from that of a new one. Reads key, manifest, the table of contents and the target's
 * catalogues; writes nothing anywhere. `prepared` is null where the target cannot be looked at: then the plan is blocked.
 */
export async function planInPlace(
  context: RunContext,
  options: { input: FullRestore; database: DatabaseRow; copy: ChosenCopy; planned: PlannedRestore; safety: VerifiedSafety | null },
): Promise<{ planned: PlannedRestore; prepared: PreparedInPlace | null }> {
  const { input, copy, planned, database } = options
  const begun = Date.now()
  // where the target could not be looked at, every finding says why
  const findings: Finding[] = planned.plan.findings.filter((one) => planned.target === null || !onlyOfNewDatabases.has(one.code))
  const dependencies: Plan['dependencies'] = []
  const looked = await look(context, { ...options, findings })
  const prepared = looked === null ? null : looked.prepared
  if (looked !== null) {
    const unnamed = [...(await describeObjects(looked.connection, looked.prepared.choice.stuckUnnamed, context.signal)).values()]
    const facts = { ...looked.prepared, dbname: input.targetDbname, manifest: copy.manifest, unnamed }
    findings.push(...inPlaceFindings(facts))
    dependencies.push(...dependenciesOf(facts))
  }
  const safety = await planSafety(context.catalog, database, prepared?.live.databaseBytes ?? null)
  findings.push(...(options.safety === null ? safety.findings : [aboutSafety(options.safety)]))
  const times = await recoveryTimes(context.catalog, { databaseId: database.id, kind: 'restore', scope: 'full', way: 'in_place' })
  const plan: Plan = {
    ...planned.plan,
    findings,
    blocked: isBlocked(findings, input.force),
    ...estimateFrom(times),
    dependencies,
    steps: [...safety.steps, ...stepsOf(options, prepared)],
    safety: safety.safety,
    tables: tablesOf(planned.plan, prepared),
    target: planned.plan.target && { ...planned.plan.target, oid: prepared?.live.oid ?? null },
    seconds: planned.plan.seconds + (Date.now() - begun) / 1000,
    bytesRead: planned.plan.bytesRead + (looked?.bytesRead ?? 0),
  }
  return { planned: { ...planned, plan }, prepared }
}

/** The copy as this restore reads it. Leaving owners and privileges out leaves no role to map. */
export function withRoleMap(fetched: FetchedCopy, input: FullRestore): FetchedCopy {
  return input.missingRoles === 'drop_grants' ? fetched : { ...fetched, roleMap: input.roleMap }
}

async function look(
  context: RunContext,
  options: { input: FullRestore; copy: ChosenCopy; planned: PlannedRestore; findings: Finding[] },
): Promise<{ prepared: PreparedInPlace; connection: NonNullable<PlannedRestore['target']>['connection']; bytesRead: number } | null> {
  const { input, copy, findings } = options
  const { target, compareTool } = options.planned
  if (target === null || compareTool === null || target.isPooler) return null
  if (!target.targetExists || target.connection.dbname !== input.targetDbname) {
    findings.push(
      blocker('target_absent', `There is no database ${input.targetDbname} on the target server.`, 'Restore into a new database instead.'),
    )
    return null
  }
  const onlyToc = copy.manifest.entries.filter((entry) => entry.kind === 'toc')
  const fetched = withRoleMap(await fetchCopy(context, copy, onlyToc), input)
  const toc = parseToc(await readToc(fetched))
  try {
    const { stagingDir, signal } = context
    const largeObjects = [...toc.largeObjects.objects()].map(({ oid }) => oid)
    const live = await readLive(target.connection, { stagingDir, toolPath: compareTool.path, signal, largeObjects })
    const choice = chooseInPlace({ backup: toc, live, dropGrants: input.missingRoles === 'drop_grants', dropDependents: input.dropDependents })
    return { prepared: { toc, live, choice }, connection: target.connection, bytesRead: fetched.bytesRead - copy.bytesRead }
  } catch (error) {
    context.signal.throwIfAborted()
    const known = asLifeboatError(error)
    findings.push(blocker(known.code, `The live database could not be looked at: ${known.message}`, known.hint))
    return null
  }
}

function stepsOf({ input, copy }: { input: FullRestore; copy: ChosenCopy }, prepared: PreparedInPlace | null): string[] {
  const { totals } = copy.manifest
  const dropped = prepared?.choice.recreate.length ?? 0
  return [
    `Fetch ${totals.entries} entries (${formatBytes(totals.storedBytes)}) from ${copy.storageName} and compare each with the sealed manifest`,
    `In one transaction in ${input.targetDbname}: drop what the backup replaces, make it again, load ${formatCount(prepared?.choice.data.length ?? totals.tables, 'table')}, build indexes and constraints${dropped > 0 ? ', make again what depends on them' : ''}; an error leaves everything as it was`,
    'Commit, then compare every restored table with the manifest, rows and bytes, and every definition with the table of contents',
    'Should something differ, name it, and offer the safety backup',
  ]
}

function tablesOf(plan: Plan, prepared: PreparedInPlace | null): Plan['tables'] {
  if (prepared === null) return plan.tables
  const key = (schema: string | null, table: string) => JSON.stringify([schema ?? '', table])
  const loaded = new Set(prepared.choice.data.map((entry) => key(entry.schema, entry.tag)))
  const live = new Set(prepared.live.toc.entries.filter(({ desc }) => desc === 'TABLE').map((entry) => key(entry.schema, entry.tag)))
  return plan.tables.map((table) => {
    const name = key(table.schema, table.table)
    return { ...table, action: loaded.has(name) ? (live.has(name) ? 'replace' : 'create') : 'leave out' }
  })
}
