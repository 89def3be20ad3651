import { LifeboatError } from '#lib/domain/errors.ts'
import type { PlannedClone } from './plan.ts'

/** A plan that is not blocked: everything is known. */
export type ReadyClone = { [part in keyof PlannedClone]: NonNullable<PlannedClone[part]> }

export function requireReady(planned: PlannedClone): ReadyClone {
  const { facts, target, tools } = planned
  if (facts === null || target === null || tools === null) throw new Error('a plan without a source, a target or a tool is blocked')
  return { ...planned, facts, target, tools }
}

/** Throws `blocked`, with the plan in its detail. */
export function refuseBlocked({ plan }: PlannedClone): void {
  if (!plan.blocked) return
  const first = plan.findings.find((finding) => finding.severity === 'blocker')
  throw new LifeboatError('blocked', first?.message ?? 'The plan is blocked.', `${first?.remedy ?? ''} The target was not touched.`.trim(), {
    detail: { plan },
  })
}
