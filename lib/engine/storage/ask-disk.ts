import { LifeboatError } from '#lib/domain/errors.ts'
import { withDeadline } from '../process/deadline.ts'

/** Directories that were asked, did not answer in time, and still have not. */
const hanging = new Map<string, number>()

/**
 * Asks a local storage, with a time limit in milliseconds. A call to a disk or mount that hangs cannot be called off, and each holds one of the
 * few threads that all file work shares: while one is under way beyond its time, that directory is not asked again. Throws `stalled`.
 */
export async function askDisk<T>(path: string, ms: number, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (hanging.has(path)) throw hung(path, `has not answered an earlier question yet`)
  return withDeadline(
    {
      ms,
      late: () => hung(path, `did not answer within ${Math.round(ms / 1000)} s`),
      ...(signal === undefined ? {} : { signal }),
      abandoned(work) {
        hanging.set(path, (hanging.get(path) ?? 0) + 1)
        const settled = () => {
          const left = (hanging.get(path) ?? 1) - 1
          if (left <= 0) hanging.delete(path)
          else hanging.set(path, left)
        }
        work.then(settled, settled)
      },
    },
    work,
  )
}

function hung(path: string, what: string): LifeboatError {
  return new LifeboatError('stalled', `The directory ${path} ${what}.`, 'Look at the disk or the network mount. Nothing is written there meanwhile.')
}
