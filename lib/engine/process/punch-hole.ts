import { existsSync } from 'node:fs'
import { spawnTool } from './run.ts'

const fallocate = ['/usr/bin/fallocate', '/bin/fallocate'].find((path) => existsSync(path))
let works = fallocate !== undefined

/** Gives the first `bytes` of a file back to the file system. Saves space only: where the system cannot do it, the file stays as it is. */
export async function punchHole(path: string, bytes: number): Promise<void> {
  if (!works || fallocate === undefined) return
  const { code } = await spawnTool({ path: fallocate, args: ['-p', '-o', '0', '-l', String(bytes), path] })
  works = code === 0
}
