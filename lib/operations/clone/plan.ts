import { recoveryTimes } from '#lib/catalog/recovery-times.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type Finding, isBlocked, nothingOverwritten, type Plan } from '#lib/domain/plan.ts'
import { estimateFrom } from '#lib/domain/recovery-times.ts'
import { formatBytes } from '#lib/domain/units.ts'
import { type CloneFacts, readCloneFacts } from '#lib/engine/postgres/clone-facts.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { type Preflight, preflight } from '#lib/engine/postgres/preflight.ts'
import { assertAboveFloor, chooseTool, type ToolReport } from '#lib/engine/postgres/tools.ts'
import { blocker, passed, targetFindings } from '../restore/findings.ts'
import { lookAtTarget, type TargetServer } from '../restore/look-at-target.ts'
import { roleMapFindings, withMappedRoles } from '../restore/role-map.ts'
import type { RunContext } from '../run-context.ts'
import type { CloneInput } from './definition.ts'
import { sourceFindings } from './source-findings.ts'

/** All that a clone needs before it begins; null where it is not known, and then the plan is blocked. */
export interface PlannedClone {
  plan: Plan
  source: Preflight
  facts: CloneFacts | null
  target: TargetServer | null
  /** pg_dump and pg_restore that know both servers */
  tools: { dump: ToolReport; restore: ToolReport } | null
}

/** What stands in the way of this clone. Reads the catalogues of both servers; writes nothing anywhere, and takes no lock. */
export async function planClone(context: RunContext, options: { input: CloneInput; source: Connection; server: Connection }): Promise<PlannedClone> {
  const begun = Date.now()
  const { input } = options
  // the snapshot's session and that of pg_dump come on top
  const source = await preflight(options.source, {
    tools: context.tools,
    stagingDir: null,
    signal: context.signal,
    forKind: 'backup',
    jobs: input.jobs + 1,
  })
  const facts = source.server === null ? null : await readCloneFacts(options.source, context.signal)
  const findings: Finding[] = [...source.findings, ...(facts === null ? [] : sourceFindings(facts, source))]
  const target = await reach(context, options, source, findings)
  if (target !== null && source.server !== null)
    findings.push(...targetFindings(target, withMappedRoles(wantedOf(source), input), input).map(ofClone))
  const tools =
    target === null || source.server === null ? null : toolsFor(context, { source: source.server.versionNum, target: target.versionNum }, findings)
  findings.push(...aboutSpace(source), ...roleMapFindings(source.needs.roles, input).map(ofClone))
  const times = await recoveryTimes(context.catalog, { databaseId: input.databaseId, kind: 'clone' })
  const plan: Plan = {
    ...nothingOverwritten,
    blocked: isBlocked(findings, input.force),
    findings,
    steps: steps(options),
    ...estimateFrom(times),
    tables: source.tables.map((one) => ({ schema: one.schema, table: one.table, rows: one.estimatedRows, rawBytes: one.bytes, action: 'create' })),
    bytesRead: 0,
    seconds: (Date.now() - begun) / 1000,
    target: {
      host: options.server.host,
      port: options.server.port,
      dbname: input.targetDbname,
      systemIdentifier: target?.systemIdentifier ?? null,
      oid: null,
      inRecovery: target?.inRecovery ?? false,
      serverVersion: target?.version ?? 'unknown',
    },
  }
  return { plan, source, facts, target, tools }
}

function steps({ input, source, server }: { input: CloneInput; source: Connection; server: Connection }): string[] {
  return [
    `Hold one moment of ${source.dbname} on ${source.host}:${source.port}: a snapshot, and a lock on its tables that only keeps them from being dropped or rewritten`,
    `Create the database ${input.targetDbname} on ${server.host}:${server.port}`,
    `Stream every row of that moment into it, over ${input.jobs} pairs of sessions; nothing is stored on the way`,
    'Build indexes and constraints, refresh materialised views, set privileges',
    'Read every table of the clone again and compare it with what was read from the source, and every definition',
    `Give ${input.targetDbname} what belongs to the original as a whole: its settings, ${input.missingRoles === 'drop_grants' ? 'comment' : 'owner, privileges, comment'} and connection limit`,
  ]
}

async function reach(
  context: RunContext,
  { input, server }: { input: CloneInput; server: Connection },
  source: Preflight,
  findings: Finding[],
): Promise<TargetServer | null> {
  try {
    return await lookAtTarget(server, {
      targetDbname: input.targetDbname,
      manifest: withMappedRoles(wantedOf(source), input),
      signal: context.signal,
    })
  } catch (error) {
    context.signal.throwIfAborted()
    const known = asLifeboatError(error)
    findings.push(blocker(known.code, `The target server: ${known.message}`, known.hint))
    return null
  }
}

/** What a manifest would say that the target has to have. */
function wantedOf({ server, needs, settings }: Preflight): Parameters<typeof targetFindings>[1] {
  return {
    versions: { server: server?.version ?? 'unknown', serverNum: server?.versionNum ?? 0 },
    needs,
    settings: { lc_collate: settings?.lc_collate ?? 'C', lc_ctype: settings?.lc_ctype ?? 'C' },
  }
}

/** The findings about a target are those of a restore, and speak of its backup. */
function ofClone(finding: Finding): Finding {
  const message = finding.message
    .replace('and the backup was taken from', 'and the source is')
    .replace('The backup needs', 'The source needs')
    .replace('The backup names', 'The source names')
  return { ...finding, message }
}

/** Those of the newer of both majors: pg_dump refuses a server that is newer than itself, and the same one then reads both. */
function toolsFor(context: RunContext, versions: { source: number; target: number }, findings: Finding[]): PlannedClone['tools'] {
  const major = Math.floor(Math.max(versions.source, versions.target) / 10_000)
  try {
    const dump = chooseTool(context.tools, 'pg_dump', major)
    const restore = chooseTool(context.tools, 'pg_restore', dump.major)
    assertAboveFloor(restore)
    findings.push(passed('tools', `pg_dump ${dump.version} and pg_restore ${restore.version} know both servers.`))
    return { dump, restore }
  } catch (error) {
    const known = asLifeboatError(error)
    findings.push(blocker(known.code, known.message, known.hint))
    return null
  }
}

function aboutSpace({ server }: Preflight): Finding[] {
  if (server === null) return []
  return [
    {
      severity: 'warning',
      code: 'target_space',
      message: `Needs about ${formatBytes(server.databaseBytes)} on the target server; its free space cannot be seen through SQL.`,
      remedy: 'Look at the disk of the target server before you go on. A full disk fails the clone and may stop other databases on that server.',
      overridable: true,
    },
  ]
}
