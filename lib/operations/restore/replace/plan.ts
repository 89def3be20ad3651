import { recoveryTimes } from '#lib/catalog/recovery-times.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import { derivedName } from '#lib/domain/derived-name.ts'
import { stamp } from '#lib/domain/names.ts'
import { type Finding, isBlocked } from '#lib/domain/plan.ts'
import { estimateFrom } from '#lib/domain/recovery-times.ts'
import { formatDuration } from '#lib/domain/units.ts'
import { openClient, type Connection } from '#lib/engine/postgres/connection.ts'
import { readSwapFacts, type SwapFacts } from '#lib/engine/postgres/swap-facts.ts'
import { holderRemedy, holderText, targetHolder } from '#lib/engine/postgres/target-lock.ts'
import { freeNames } from '../../run/free-names.ts'
import type { RunContext } from '../../run-context.ts'
import type { ChosenCopy } from '../choose-copy.ts'
import { type FullRestore, targetDatabaseId } from '../definition.ts'
import { blocker } from '../findings.ts'
import type { PlannedRestore } from '../make-plan.ts'
import { aboutSafety, planSafety } from '../plan-safety.ts'
import type { VerifiedSafety } from '../require-safety.ts'
import { type SwapNames, swapFindings } from './findings.ts'

/** What the databases are called: the restored one until the swap, the old one after it. */
export async function swapNames(door: Connection, live: string, signal: AbortSignal): Promise<SwapNames> {
  const names = await freeNames(
    door,
    (at) => ({ restored: derivedName(live, `_restored_${stamp(at)}`), kept: derivedName(live, `_kept_${stamp(at)}`) }),
    signal,
  )
  return { live, ...names }
}

export interface PlannedReplace {
  planned: PlannedRestore
  facts: SwapFacts
}

/**
 * The plan of restoring beside, which `made` is, together with what the swap needs: reads the server's catalogues once more, writes nothing.
 * `safety`: what was taken before; null in a dry run, which says what will be taken.
 */
export async function planReplace(
  context: RunContext,
  options: { input: FullRestore; names: SwapNames; door: Connection; made: PlannedRestore; copy: ChosenCopy; safety: VerifiedSafety | null },
): Promise<PlannedReplace> {
  const { input, names, door, made, copy } = options
  const facts = await readSwapFacts(door, { name: names.live, names: [names.restored, names.kept], signal: context.signal })
  const restoredBytes = copy.manifest.needs.databaseBytes
  const before =
    options.safety === null ? await safetyToTake(context, input, facts) : { safety: null, steps: [], findings: [aboutSafety(options.safety)] }
  const findings = [
    ...made.plan.findings.filter((one) => one.code !== 'changes_since' && one.code !== 'target_space'),
    ...before.findings,
    ...swapFindings(facts, { names, undoHours: input.undoHours, restoredBytes }),
    ...(await aboutHolder(context, door, names)),
    ...aboutLosses(input),
  ]
  const times = await recoveryTimes(context.catalog, { databaseId: copy.manifest.database.id, kind: 'restore', scope: 'full', way: 'replace' })
  return {
    facts,
    planned: {
      ...made,
      plan: {
        ...made.plan,
        ...estimateFrom(times),
        findings,
        blocked: isBlocked(findings, input.force),
        safety: before.safety,
        steps: [...before.steps, ...made.plan.steps.slice(0, -1), ...swapSteps(names, input.undoHours)],
        target: made.plan.target && { ...made.plan.target, dbname: names.live, oid: facts.live?.oid ?? null, inRecovery: facts.inRecovery },
      },
    },
  }
}

function swapSteps(names: SwapNames, undoHours: number): string[] {
  return [
    `Give ${names.restored} what ${names.live} has now: its settings, owner, privileges, comment and connection limit`,
    `Only if nothing was lost: close ${names.live}, end its sessions, rename it to ${names.kept} and ${names.restored} to ${names.live}, open that`,
    `Keep ${names.kept}, closed, for ${formatDuration(undoHours * 3600)}: until then it can be swapped back`,
  ]
}

async function safetyToTake(context: RunContext, input: FullRestore, facts: SwapFacts): ReturnType<typeof planSafety> {
  const database = await getDatabase(context.catalog, targetDatabaseId(input) ?? '')
  if (database === null) return { safety: null, steps: [], findings: [] }
  return planSafety(context.catalog, database, facts.live?.bytes ?? null)
}

/** Another Lifeboat that restores into the live name, or swaps it, right now. */
async function aboutHolder(context: RunContext, door: Connection, names: SwapNames): Promise<Finding[]> {
  const client = await openClient(door, { signal: context.signal })
  try {
    const holder = await targetHolder(client, names.live, context.applicationName)
    return holder === null ? [] : [blocker('target_held', `${names.live} is being restored or swapped already: ${holderText(holder)}.`, holderRemedy)]
  } finally {
    await client.end()
  }
}

function aboutLosses(input: FullRestore): Finding[] {
  if (input.missingRoles !== 'drop_grants' || input.force) return []
  return [
    {
      severity: 'warning',
      code: 'no_swap_with_losses',
      message:
        'Owners and privileges that are left out are a loss, and with losses nothing is swapped: the restored database stays beside the live one.',
      remedy: 'Create or map the roles, or force the restore to swap in spite of what was lost.',
      overridable: true,
    },
  ]
}
