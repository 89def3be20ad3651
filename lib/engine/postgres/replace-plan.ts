import type { Connection } from './connection.ts'
import type { ReplaceOptions, ReplacePlan } from './replace-types.ts'

/** Says what hangs on the live table and what would happen to it. Writes nothing. */
export async function planReplace(_conn: Connection, _options: ReplaceOptions): Promise<ReplacePlan> {
  throw new Error('planReplace is being built')
}
