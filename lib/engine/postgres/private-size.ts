import { statfs } from 'node:fs/promises'
import { LifeboatError } from '#lib/domain/errors.ts'
import { formatBytes } from '#lib/domain/units.ts'
import { sizeOf } from './private-place.ts'

const everyMs = 2_000

/** Looks every two seconds how much lies below `directory`; beyond the limit, or with the disk nearly full, `exceeded` is called once. */
export function watchSize(directory: string, maximumBytes: number | undefined, exceeded: (error: LifeboatError) => void): { close(): void } {
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const look = async () => {
    const { bavail, blocks, bsize } = await statfs(directory)
    const bytes = await sizeOf(directory)
    const room = bavail * bsize
    if (closed) return
    if (maximumBytes !== undefined && bytes > maximumBytes) {
      exceeded(full(`It has grown to ${formatBytes(bytes)}, more than the ${formatBytes(maximumBytes)} that it may have.`))
    } else if (room < Math.min((blocks * bsize) / 10, 2 ** 30)) {
      exceeded(full(`It has grown to ${formatBytes(bytes)}, and the disk has only ${formatBytes(room)} left.`))
    } else timer = setTimeout(() => void look().catch(() => {}), everyMs)
  }
  void look().catch(() => {})
  return {
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

function full(why: string): LifeboatError {
  return new LifeboatError(
    'disk_full',
    `The private server was ended. ${why}`,
    'It was removed, and nothing else was changed. Make room, then repeat.',
  )
}
