import { type Plan, plan } from '#lib/domain/plan.ts'

/** The plan that a dry run returned; null: it has not ended, or failed. */
export function planOf(operation: { result: Record<string, unknown> | null } | null | undefined): Plan | null {
  const parsed = plan.safeParse(operation?.result?.plan)
  return parsed.success ? parsed.data : null
}
