import type { RunContext } from '../run-context.ts'

/** Times the stages of a restore and keeps them: the evidence for the next plan's estimate. */
export async function stage<T>(context: RunContext, name: string, work: () => Promise<T>, bytes?: (result: T) => number): Promise<T> {
  context.progress({ phase: name })
  const begun = Date.now()
  const result = await work()
  await context.catalog
    .insertInto('restore_stages')
    .values({ operation_id: context.operationId, stage: name, seconds: (Date.now() - begun) / 1000, bytes: bytes?.(result) ?? null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return result
}
