import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'

/** Flips one bit in the middle of the largest stored object of a backup's local copy. Answers the damaged file. */
export async function damageLocalCopy(home: string, backupName: string): Promise<string> {
  const root = path.join(home, 'backups')
  const files = await readdir(root, { recursive: true })
  const entries = files.filter((file) => file.includes(`/${backupName}_`) && /\/e\d{6}$/.test(file)).map((file) => path.join(root, file))
  const sized = await Promise.all(entries.map(async (file) => ({ file, size: (await stat(file)).size })))
  const largest = sized.sort((a, b) => b.size - a.size)[0]
  if (largest === undefined) throw new Error(`${backupName} has no stored entry below ${root}`)
  const handle = await open(largest.file, 'r+')
  try {
    const byte = Buffer.alloc(1)
    const place = Math.floor(largest.size / 2)
    await handle.read(byte, 0, 1, place)
    byte[0] = (byte[0] ?? 0) ^ 1
    await handle.write(byte, 0, 1, place)
  } finally {
    await handle.close()
  }
  return largest.file
}
