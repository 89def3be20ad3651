import type { SwapRow } from '#lib/catalog/swaps.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type Finding, isBlocked, nothingOverwritten, type Plan } from '#lib/domain/plan.ts'
import { formatBytes, formatDuration } from '#lib/domain/units.ts'
import { type Connection, openClient } from '#lib/engine/postgres/connection.ts'
import { databaseStates, type DatabaseState } from '#lib/engine/postgres/rename-database.ts'
import { readSwapFacts, type SwapFacts } from '#lib/engine/postgres/swap-facts.ts'
import { counters, readCounters, type Written, writtenSince } from '#lib/engine/postgres/written-since.ts'
import { renameFindings } from '../run/rename-findings.ts'
import type { RunContext } from '../run-context.ts'
import type { UndoInput } from './definition.ts'
import { aboutKept, aboutLive, aboutWritten, blocker } from './findings.ts'

export interface PlannedUndo {
  plan: Plan
  facts: SwapFacts
  /** swap_back: what is in the newer database only; null for a drop */
  written: Written | null
}

/** Looks at both databases of a swap and says what stands in the way. Reads only. `keptName`: what the newer database would be called. */
export async function planUndo(
  context: RunContext,
  options: { input: UndoInput; swap: SwapRow; door: Connection; keptName: string },
): Promise<PlannedUndo> {
  const begun = Date.now()
  const { input, swap, door } = options
  const facts = await readSwapFacts(door, { name: swap.live_name, names: [options.keptName], signal: context.signal })
  const kept = await readKept(context, door, swap)
  const findings: Finding[] = [...aboutKept(kept.state, swap, kept.sessions)]
  let written: Written | null = null
  if (input.act === 'drop') {
    findings.push(...(await aboutReaching(context, door, swap)))
  } else {
    findings.push(...aboutLive(facts, swap))
    if (facts.live !== null) findings.push(...renameFindings(facts, swap.live_name))
    if (facts.live?.oid === swap.restored_oid) {
      written = await readWritten(context, door, swap)
      findings.push(...aboutWritten(written, swap, options.keptName))
    }
  }
  return {
    facts,
    written,
    plan: {
      blocked: isBlocked(findings, false),
      findings,
      steps: input.act === 'drop' ? dropSteps(swap, kept.bytes) : swapSteps(swap, options.keptName, input.undoHours),
      estimatedSeconds: null,
      estimateFrom: '',
      ...nothingOverwritten,
      tables: written?.known ? written.tables.map((one) => ({ ...rowsOf(one), schema: one.schema, table: one.table })) : [],
      bytesRead: 0,
      seconds: (Date.now() - begun) / 1000,
      target: {
        host: swap.host,
        port: swap.port,
        dbname: swap.live_name,
        systemIdentifier: swap.system_identifier,
        oid: facts.live?.oid ?? null,
        inRecovery: facts.inRecovery,
        serverVersion: facts.serverVersion,
      },
    },
  }
}

function rowsOf(one: { inserted: number; updated: number; deleted: number; what: string }): { rows: number; rawBytes: number; action: string } {
  const counts = `${one.inserted} inserted, ${one.updated} updated, ${one.deleted} deleted since the swap`
  const action = one.what === 'written' ? counts : `${one.what} since the swap; ${counts}`
  return { rows: one.inserted + one.updated + one.deleted, rawBytes: 0, action }
}

function swapSteps(swap: SwapRow, keptName: string, undoHours: number): string[] {
  return [
    `Close ${swap.live_name} and end its sessions`,
    `Rename it to ${keptName}, and ${swap.kept_name} to ${swap.live_name}, in one transaction; open that`,
    `Keep ${keptName}, closed, for ${formatDuration(undoHours * 3600)}: nothing written since the swap is lost, it is in there`,
  ]
}

function dropSteps(swap: SwapRow, bytes: number | null): string[] {
  return [
    `Drop ${swap.kept_name} (OID ${swap.live_oid}${bytes === null ? '' : `, ${formatBytes(bytes)}`}) for good: it can not be swapped back any more`,
  ]
}

async function readKept(
  context: RunContext,
  door: Connection,
  swap: SwapRow,
): Promise<{ state: DatabaseState | null; sessions: number; bytes: number | null }> {
  const client = await openClient(door, { signal: context.signal })
  try {
    const [state] = await databaseStates(client, [swap.live_oid])
    const { rows } = await client.query<{ sessions: number; bytes: string | null }>(
      `SELECT (SELECT pg_catalog.count(*)::pg_catalog.int4 FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid AND a.usesysid IS NOT NULL) AS sessions,
         CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid)::pg_catalog.text END AS bytes
       FROM pg_catalog.pg_database d WHERE d.oid = $1`,
      [swap.live_oid],
    )
    const bytes = rows[0]?.bytes
    return { state: state ?? null, sessions: rows[0]?.sessions ?? 0, bytes: bytes == null ? null : Number(bytes) }
  } finally {
    await client.end()
  }
}

async function readWritten(context: RunContext, door: Connection, swap: SwapRow): Promise<Written> {
  const before = counters.safeParse(swap.baseline)
  try {
    return writtenSince(before.success ? before.data : null, await readCounters({ ...door, dbname: swap.live_name }, context.signal))
  } catch (error) {
    context.signal.throwIfAborted()
    return { known: false, why: asLifeboatError(error).message }
  }
}

/** The last way back is not taken away while the live name does not work. */
async function aboutReaching(context: RunContext, door: Connection, swap: SwapRow): Promise<Finding[]> {
  try {
    const client = await openClient({ ...door, dbname: swap.live_name }, { signal: context.signal })
    await client.end()
    return [{ severity: 'info', code: 'live_open', message: `${swap.live_name} lets people in.`, remedy: '', overridable: false }]
  } catch (error) {
    context.signal.throwIfAborted()
    const known = asLifeboatError(error)
    return [
      blocker(
        'live_unreachable',
        `${swap.live_name} cannot be connected to: ${known.message} The kept database is not dropped while that is so.`,
        'Mend the live database, or swap back.',
      ),
    ]
  }
}
