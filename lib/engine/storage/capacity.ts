import { statfs } from 'node:fs/promises'
import type { Capacity } from './driver.ts'

/** What the file system below `path` holds, in bytes; free is what a process without privileges may still use. */
export async function capacityOf(path: string): Promise<Capacity> {
  const stats = await statfs(path)
  return { totalBytes: stats.blocks * stats.bsize, freeBytes: stats.bavail * stats.bsize }
}
