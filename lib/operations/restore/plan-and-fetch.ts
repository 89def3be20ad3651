import type { BackupRow } from '#lib/catalog/backups.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import type { ToolReport } from '#lib/engine/postgres/tools.ts'
import type { ChosenCopy } from './choose-copy.ts'
import type { FullRestore } from './definition.ts'
import { type FetchedCopy, fetchCopy } from './fetch.ts'
import type { TargetHold } from './hold-target.ts'
import type { TargetServer } from './look-at-target.ts'
import { makePlan, type PlannedRestore } from './make-plan.ts'
import { refuseBlocked } from './refuse-blocked.ts'
import { refuseOtherTarget } from './same-target.ts'
import { stage } from './stages.ts'
import { tryCopies } from './try-copies.ts'

type Input = FullRestore

/** Plans on the best copy and, unless it is a dry run, fetches all of it: a bad copy is found here, before the target is touched. */
export async function planAndFetch(
  hold: TargetHold,
  options: {
    input: Input
    backup: BackupRow
    connection: Connection
    /** what another way of restoring adds to the plan of a new database, before it is decided whether anything stands in the way */
    amend?: (planned: PlannedRestore, copy: ChosenCopy) => Promise<PlannedRestore>
  },
): Promise<{ planned: PlannedRestore; fetched: FetchedCopy | null }> {
  return tryCopies(hold, options.backup, async (context, copy, copyFindings) => {
    const made = await makePlan(context, { ...options, copy, copyFindings })
    const planned = (await options.amend?.(made, copy)) ?? made
    if (context.dryRun) return { planned, fetched: null }
    if (planned.target !== null && !planned.target.isPooler) await hold.take(planned.target.connection)
    refuseBlocked(planned.plan)
    refuseOtherTarget(planned.plan.target, options.input.fingerprint)
    const held = hold.context()
    const fetching = stage(
      held,
      'fetching',
      () => fetchCopy(held, copy, copy.manifest.entries),
      (result) => result.bytesRead,
    )
    return { planned, fetched: await fetching }
  })
}

export interface ReadyPlan {
  target: TargetServer
  tool: ToolReport
  compareTool: ToolReport
}

export function requireReady({ target, tool, compareTool }: PlannedRestore): ReadyPlan {
  if (target === null || tool === null || compareTool === null) throw new Error('a plan without a target or a tool is blocked')
  return { target, tool, compareTool }
}
