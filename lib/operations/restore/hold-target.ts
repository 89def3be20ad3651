import type { Connection } from '#lib/engine/postgres/connection.ts'
import { lockTarget, type TargetLock } from '#lib/engine/postgres/target-lock.ts'
import type { RunContext } from '../run-context.ts'

/** The lock on the target's name for the length of a run; not yet taken while the run only plans. */
export interface TargetHold {
  /** Once for the run, however often it is asked. Throws `conflict`: another Lifeboat restores into that name. */
  take(connection: Connection): Promise<void>
  /** The run's, whose signal also aborts when the lock is lost: a restore that is not alone any more does not go on. */
  context(): RunContext
  release(): Promise<void>
}

export function holdTarget(context: RunContext, targetDbname: string): TargetHold {
  let lock: TargetLock | null = null
  let held = context
  return {
    async take(connection) {
      if (lock !== null) return
      lock = await lockTarget(connection, targetDbname)
      held = { ...context, signal: AbortSignal.any([context.signal, lock.lost]) }
    },
    context: () => held,
    async release() {
      await lock?.release()
    },
  }
}
