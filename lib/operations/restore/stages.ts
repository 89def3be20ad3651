import type { RunContext } from '../run-context.ts'

/** fetching: entries read and authenticated. pre_data, data, indexes: the sections of the archive. swapping: the names changed places. */
export const stageNames = ['fetching', 'pre_data', 'data', 'indexes', 'comparing', 'swapping'] as const
export type StageName = (typeof stageNames)[number]

/** Times the stages of a restore and keeps them: the evidence for the next plan's estimate. */
export async function stage<T>(context: RunContext, name: StageName, work: () => Promise<T>, bytes?: (result: T) => number): Promise<T> {
  context.progress({ phase: name })
  const begun = Date.now()
  const result = await work()
  await keep(context, { stage: name, seconds: (Date.now() - begun) / 1000, bytes: bytes?.(result) ?? null })
  return result
}

/** For work that tells which stage it is in. What broke off is not kept: nobody may take it for how long a stage takes. */
export function stageWatch(context: RunContext): { enter(name: StageName): void; end(): Promise<void> } {
  const seconds = new Map<StageName, number>()
  let current: { name: StageName; since: number } | null = null
  const leave = () => {
    if (current !== null) seconds.set(current.name, (seconds.get(current.name) ?? 0) + (Date.now() - current.since) / 1000)
    current = null
  }
  return {
    enter(name) {
      if (current?.name === name) return
      leave()
      current = { name, since: Date.now() }
    },
    async end() {
      leave()
      for (const [name, took] of seconds) await keep(context, { stage: name, seconds: took, bytes: null })
    },
  }
}

async function keep(context: RunContext, measured: { stage: StageName; seconds: number; bytes: number | null }): Promise<void> {
  await context.catalog
    .insertInto('restore_stages')
    .values({ operation_id: context.operationId, ...measured })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
