import { operationKinds } from '#lib/domain/kinds.ts'
import type { Runners } from '#workers/runner.ts'

/** The same run for every kind of operation that there is. */
export function everyKind(run: Runners['check']): Runners {
  return Object.fromEntries(operationKinds.map((kind) => [kind, run])) as Runners
}
