import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const atOnce = 64

/**
 * Large objects are read only when pg_dump has ended. Until then this says whether they move: another file, or, where no file came for
 * `quietMs`, one that was written to. Every file is asked then, as nothing tells which of them pg_dump still has open.
 */
export class LargeObjectWatch {
  #count = 0
  #newest = 0
  #asked = performance.now()
  readonly #dir: string
  readonly #quietMs: number

  constructor(dir: string, quietMs: number) {
    this.#dir = dir
    this.#quietMs = quietMs
  }

  /** `count`: how many large objects lie in the directory now. */
  async moved(count: number): Promise<boolean> {
    const more = count !== this.#count
    this.#count = count
    if (!more && (count === 0 || performance.now() - this.#asked < this.#quietMs)) return false
    const before = this.#newest
    if (!more) this.#newest = await this.#lastWritten()
    this.#asked = performance.now()
    return more || this.#newest > before
  }

  async #lastWritten(): Promise<number> {
    let newest = 0
    for await (const names of namesIn(this.#dir, atOnce)) {
      const objects = names.filter(isLargeObject)
      newest = Math.max(newest, ...(await Promise.all(objects.map((name) => stat(join(this.#dir, name)).then(({ mtimeMs }) => mtimeMs)))))
    }
    return newest
  }
}

export function isLargeObject(name: string): boolean {
  return name.startsWith('blob_')
}

/** A directory's names, some at a time: readdir would hold all of 100,000 several times over. Nothing where the directory is not there yet. */
export async function* namesIn(dir: string, atOnce: number): AsyncGenerator<string[]> {
  const opened = await opendir(dir, { bufferSize: 1024 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (opened === null) return
  let names: string[] = []
  for await (const { name } of opened) {
    if (names.push(name) < atOnce) continue
    yield names
    names = []
  }
  if (names.length > 0) yield names
}
