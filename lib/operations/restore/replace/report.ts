import type { Connection } from '#lib/engine/postgres/connection.ts'
import { recordResult } from '../../run/record-result.ts'
import type { RunContext, RunResult } from '../../run-context.ts'
import type { report } from '../report.ts'
import type { SwapNames } from './findings.ts'

/** A restored and compared database that has not taken the live one's place yet. */
export interface Beside {
  oid: number
  connection: Connection
  names: SwapNames
  /** of the comparison */
  result: ReturnType<typeof report>
}

/**
 * Persists what the comparison found before the swap begins: should the worker die, the operation still says what came back. The outcome is not
 * known yet, and the database that is recorded must not be dropped any more.
 */
export async function recordCompared(context: RunContext, { oid, names, result }: Beside): Promise<void> {
  const { restore } = result.result
  const written = { restore: { ...restore, target: targetOf(restore.target, names), outcome: 'indeterminate' }, compared: { ...result, oid, names } }
  await recordResult(context, written)
}

export function reportSwapped({ names, result }: Pick<Beside, 'names' | 'result'>, undoUntil: Date): RunResult {
  const { restore } = result.result
  return {
    findings: result.findings,
    result: {
      ...result.result,
      restore: { ...restore, target: targetOf(restore.target, names), undoUntil: undoUntil.toISOString() },
      swap: { kept: names.kept, undoUntil: undoUntil.toISOString() },
    },
  }
}

/** Something was lost: nothing was swapped, and a person decides with both databases at hand. */
export function reportBeside({ names, result }: Beside): RunResult {
  return {
    findings: [
      {
        severity: 'warning',
        code: 'not_swapped',
        message: `Nothing was swapped, because something was lost: ${names.live} is as it was, and the restored database stays beside it as ${names.restored}.`,
        remedy: 'Look at what was lost. Restore again with force to swap in spite of it, or rename by hand, or drop the restored database.',
        overridable: false,
      },
      ...result.findings,
    ],
    result: { ...result.result, swap: null, beside: names.restored },
  }
}

/** `host:port/` of what the report names, with the live name. */
function targetOf(target: string, names: SwapNames): string {
  return `${target.slice(0, target.lastIndexOf('/') + 1)}${names.live}`
}
