import { LifeboatError } from '#lib/domain/errors.ts'
import type { Plan } from '#lib/domain/plan.ts'

/** Throws `blocked` with the first blocker's words and the whole plan in its detail. */
export function refuseBlocked(plan: Plan): void {
  if (!plan.blocked) return
  const first = plan.findings.find((finding) => finding.severity === 'blocker')
  throw new LifeboatError('blocked', first?.message ?? 'The plan is blocked.', `${first?.remedy ?? ''} The target was not touched.`.trim(), {
    detail: { plan },
  })
}
