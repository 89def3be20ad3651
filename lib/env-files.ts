import { existsSync } from 'node:fs'
import path from 'node:path'

/** Reads `.env` and `.env.backup` of a directory into the process's environment; what is set already wins. For entry points. */
export function loadEnvFiles(directory: string): void {
  for (const name of ['.env', '.env.backup']) {
    const file = path.join(directory, name)
    if (existsSync(file)) process.loadEnvFile(file)
  }
}
