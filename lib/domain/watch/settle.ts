import { checkKinds, type CheckKind, type CheckStatus, isCheckKind, type Severity } from './check-kinds.ts'

/** An open alert, as far as its next step depends on it. */
export interface OpenAlert {
  severity: Severity
  /** the check has said less than its severity since then; null: it says as much */
  calmerSince: Date | null
  /** how often it came back before it was steady */
  flaps: number
}

/**
 * What a look makes of an alert. `unknown` neither opens nor resolves anything; what comes and goes stays one open alert until it has been calm for
 * as long as its kind asks, and longer each time it came back.
 */
export type Step =
  | { do: 'open'; severity: Severity }
  | { do: 'stay' }
  /** says less than the alert does; not steady yet */
  | { do: 'calm'; since: Date }
  /** it came back before it was steady */
  | { do: 'return' }
  | { do: 'worsen' }
  | { do: 'ease' }
  | { do: 'resolve' }
  | { do: 'nothing' }

const rank = { critical: 2, warning: 1, ok: 0 } satisfies Record<Exclude<CheckStatus, 'unknown'>, number>

/** Doubled with each return, four times at most: sixteen times its kind's. In seconds. */
export function steadySecondsOf(kind: string, flaps: number): number {
  return isCheckKind(kind) ? checkKinds[kind].steadySeconds * 2 ** Math.min(flaps, 4) : 0
}

/**
 * `status` null: the last result is stale, which is unknown. `statusSince`: it has been the same since then; what was a warning until now is not well
 * for as long as it was less than critical.
 */
export function nextStep(
  kind: CheckKind,
  status: CheckStatus | null,
  alert: OpenAlert | null,
  { now, statusSince }: { now: Date; statusSince: Date },
): Step {
  if (alert === null) return status === 'warning' || status === 'critical' ? { do: 'open', severity: status } : { do: 'nothing' }
  // nobody knows: what was calm has to be calm anew
  if (status === null || status === 'unknown') return alert.calmerSince === null ? { do: 'nothing' } : { do: 'stay' }
  if (rank[status] > rank[alert.severity]) return { do: 'worsen' }
  if (status === alert.severity) return alert.calmerSince === null ? { do: 'stay' } : { do: 'return' }
  const since = alert.calmerSince ?? now
  const steadyMs = steadySecondsOf(kind, alert.flaps) * 1_000
  if (now.getTime() - since.getTime() < steadyMs) return { do: 'calm', since }
  return status === 'ok' && now.getTime() - statusSince.getTime() >= steadyMs ? { do: 'resolve' } : { do: 'ease' }
}
