import { chmod, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface SeenProcess {
  pid: number
  cmdline: string
  environ: string
}

/** Running processes whose command line or environment mentions `text` (Linux). */
export async function processesMentioning(text: string): Promise<SeenProcess[]> {
  const found: SeenProcess[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const [cmdline, environ] = await Promise.all([readText(`/proc/${pid}/cmdline`), readText(`/proc/${pid}/environ`)])
    if (cmdline.includes(text) || environ.includes(text)) found.push({ pid: Number(pid), cmdline, environ })
  }
  return found
}

/** An executable that stands in for a pg tool; `$0` is its own path. */
export async function fakeTool(dir: string, name: string, script: string): Promise<string> {
  const path = join(dir, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '')
}
