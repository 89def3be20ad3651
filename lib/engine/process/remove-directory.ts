import { opendir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'

const atOnce = 64

/**
 * Removes a directory and all below it, some files at a time; one that is not there is fine. `rm` asks for everything at once: for the
 * 100,000 files that as many large objects leave in staging that took 270 MB of memory.
 */
export async function removeDirectory(path: string): Promise<void> {
  await removeFiles(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rm(path, { recursive: true, force: true })
}

async function removeFiles(path: string): Promise<void> {
  let files: string[] = []
  const remove = async () => {
    await Promise.all(files.map((file) => unlink(file)))
    files = []
  }
  for await (const entry of await opendir(path, { bufferSize: 1024 })) {
    const below = join(path, entry.name)
    if (entry.isDirectory()) await removeFiles(below)
    else if (files.push(below) >= atOnce) await remove()
  }
  await remove()
}
