import type { Connection } from '#lib/engine/postgres/connection.ts'
import { readGlobals } from '#lib/engine/postgres/globals.ts'
import type { Preflight } from '#lib/engine/postgres/preflight.ts'
import type { RunContext } from '../../run-context.ts'
import type { EntryStore } from './store-entries.ts'

/** Roles, memberships and settings that the database uses, as one entry of JSON rows; never passwords. */
export async function storeGlobals(
  context: RunContext,
  options: { connection: Connection; needs: Preflight['needs']; entries: EntryStore },
): Promise<void> {
  const globals = await readGlobals(options.connection, { roles: options.needs.roles, signal: context.signal })
  const bytes = Buffer.from(JSON.stringify(globals))
  await options.entries.store({
    kind: 'globals',
    dumpId: null,
    async *open() {
      yield bytes
    },
  })
}
