import type { Connection } from './connection.ts'
import type { ReplaceHooks, ReplaceOptions, ReplaceResult } from './replace-types.ts'

/** Brings rows of a backup into the live table of the same name, in one transaction and without CASCADE: all of it, or nothing. */
export async function replaceTable(_conn: Connection, _options: ReplaceOptions, _hooks: ReplaceHooks): Promise<ReplaceResult> {
  throw new Error('replaceTable is being built')
}
