import { attemptState } from '#lib/catalog/attempts.ts'
import type { RunContext } from '../run-context.ts'

/**
 * Whether this attempt is still the current one of its operation, also after its signal was aborted. Asked before anything is taken away: a machine
 * that was suspended may wake long after another attempt has done the work at the same place. A catalogue that cannot be asked says no.
 */
export async function isCurrent(context: RunContext): Promise<boolean> {
  try {
    return (await attemptState(context.catalog, context.operationId, context.attemptToken)) !== null
  } catch {
    return false
  }
}
