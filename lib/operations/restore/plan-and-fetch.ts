import type { BackupRow } from '#lib/catalog/backups.ts'
import { asLifeboatError, type ErrorCode, errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import type { ToolReport } from '#lib/engine/postgres/tools.ts'
import { type ChosenCopy, chooseCopy, noCopy } from './choose-copy.ts'
import type { FullRestore } from './definition.ts'
import { type FetchedCopy, fetchCopy } from './fetch.ts'
import type { TargetHold } from './hold-target.ts'
import type { TargetServer } from './look-at-target.ts'
import { refuseOtherTarget } from './same-target.ts'
import { makePlan, type PlannedRestore } from './make-plan.ts'
import { stage } from './stages.ts'

type Input = FullRestore

/** Tries copy after copy until one is whole: a bad one is found here, before the target is touched. A dry run stops after the plan. */
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
  const bad = new Set<string>()
  const copyFindings: Finding[] = []
  for (;;) {
    const context = hold.context()
    const { copy, findings } = await chooseCopy(context, options.backup, bad)
    copyFindings.push(...findings)
    if (copy === null) throw bad.size > 0 ? corruptEverywhere(copyFindings) : (firstProblem(copyFindings) ?? noCopy())
    try {
      const made = await makePlan(context, { ...options, copy, copyFindings })
      const planned = (await options.amend?.(made, copy)) ?? made
      if (context.dryRun) return { planned, fetched: null }
      if (planned.target !== null && !planned.target.isPooler) await hold.take(planned.target.connection)
      refuseBlocked(planned)
      refuseOtherTarget(planned.plan.target, options.input.fingerprint)
      const held = hold.context()
      const fetching = stage(
        held,
        'fetching',
        () => fetchCopy(held, copy, copy.manifest.entries),
        (result) => result.bytesRead,
      )
      return { planned, fetched: await fetching }
    } catch (error) {
      const known = asLifeboatError(error)
      hold.context().signal.throwIfAborted()
      if (known.code !== 'corrupt' && known.code !== 'missing') throw error
      bad.add(copy.storageName)
      context.warn(known.message)
      copyFindings.push({
        severity: 'warning',
        code: `copy_${known.code}`,
        message: known.message,
        remedy: 'Another copy was used. Verify this one, then take a new backup.',
        overridable: false,
      })
    } finally {
      await copy.driver.close()
    }
  }
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

function refuseBlocked({ plan }: PlannedRestore): void {
  if (!plan.blocked) return
  const first = plan.findings.find((finding) => finding.severity === 'blocker')
  throw new LifeboatError('blocked', first?.message ?? 'The plan is blocked.', `${first?.remedy ?? ''} The target was not touched.`.trim(), {
    detail: { plan },
  })
}

function firstProblem(findings: readonly Finding[]): LifeboatError | null {
  const first = findings[0]
  if (first === undefined) return null
  const codes = Object.keys(errorCodes) as ErrorCode[]
  const code = codes.find((one) => first.code === `copy_${one}`)
  return new LifeboatError(code ?? 'missing', first.message, `${first.remedy} The target was not touched.`)
}

function corruptEverywhere(findings: readonly Finding[]): LifeboatError {
  return new LifeboatError(
    'corrupt',
    findings.map((finding) => finding.message).join(' '),
    'The target was not touched. Choose another recovery point.',
  )
}
