import type { RunContext } from '../../run-context.ts'
import type { Target } from './fan-out.ts'

/**
 * Removes what a failed attempt left: its manifest first, then its entries, then unfinished uploads. Only below its own path.
 * Uses a signal of its own, because the run's may be aborted. What cannot be removed now is swept by reconcile. `isOurs` is asked before each
 * object, where another attempt may store at the same place: from a no on nothing more is removed.
 */
export async function removeAttempt(
  context: RunContext,
  path: string,
  targets: readonly Pick<Target, 'driver' | 'storageName'>[],
  isOurs: () => Promise<boolean> = async () => true,
): Promise<void> {
  const signal = AbortSignal.timeout(30_000)
  await Promise.all(
    targets.map(async ({ driver, storageName }) => {
      try {
        if (!(await isOurs())) return
        let hidden = (await driver.remove(`${path}/manifest`, { signal })) === 'hidden'
        const keys: string[] = []
        for await (const object of driver.list(`${path}/`, { signal })) keys.push(object.key)
        for (const key of keys) {
          if (!(await isOurs())) return
          hidden = (await driver.remove(key, { signal })) === 'hidden' || hidden
        }
        if (await isOurs()) await driver.sweep(`${path}/`, new Date(Date.now() + 60_000), { signal })
        if (hidden) context.log(`${storageName} keeps what this attempt had stored as older versions, until a lifecycle rule removes them.`)
      } catch (error) {
        context.warn(`Leftovers of this attempt on ${storageName} will be removed by the next reconcile.`, {
          reason: error instanceof Error ? error.message : String(error),
        })
      }
    }),
  )
}
