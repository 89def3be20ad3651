import { LifeboatError } from '#lib/domain/errors.ts'
import { keyIdsOf, keyObjectMaximumBytes } from '#lib/engine/seal/backup-key.ts'
import type { RunContext } from '../run-context.ts'
import { keyObjectName } from './open-copy-key.ts'
import type { CopyReader } from './pinned.ts'

export interface KeyObjectFound {
  name: string
  bytes: Buffer
  /** of the keys that it says it is sealed to */
  keyIds: string[]
}

/** The key objects that lie beside a copy, in their order, without a gap. Throws `missing` where there is not even the first, `corrupt`. */
export async function readKeyObjects(context: RunContext, reader: CopyReader, path: string): Promise<KeyObjectFound[]> {
  const objects: KeyObjectFound[] = []
  for (;;) {
    const name = keyObjectName(objects.length + 1)
    try {
      const bytes = await reader.getSmall(`${path}/${name}`, { signal: context.signal, maxBytes: keyObjectMaximumBytes })
      objects.push({ name, bytes, keyIds: keyIdsOf(bytes) })
    } catch (error) {
      if (objects.length > 0 && error instanceof LifeboatError && error.code === 'missing') return objects
      throw error
    }
  }
}

/** Every key that opens one of them. */
export function openersAmong(objects: readonly KeyObjectFound[]): string[] {
  return [...new Set(objects.flatMap((object) => object.keyIds))]
}
