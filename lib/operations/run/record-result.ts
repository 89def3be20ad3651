import { writeResult } from '#lib/catalog/attempts.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { RunContext } from '../run-context.ts'

/**
 * What this attempt is about to do, before it is done: whatever happens to its worker later, whoever puts it right knows what to ask the server.
 * Throws `interrupted` where the attempt is no longer the current one; then nothing may be done any more.
 */
export async function recordResult(context: RunContext, result: Record<string, unknown>): Promise<void> {
  if (await writeResult(context.catalog, context.operationId, context.attemptToken, result)) return
  throw new LifeboatError('interrupted', 'This attempt is no longer the current one.')
}
