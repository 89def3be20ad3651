import type { Connection } from '#lib/engine/postgres/connection.ts'
import { applyDatabaseProperties } from '#lib/engine/postgres/database-properties.ts'
import { applyDatabaseSettings } from '#lib/engine/postgres/database-settings.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import type { RunContext } from '../run-context.ts'
import type { Loss } from './compare.ts'
import type { FullRestore } from './definition.ts'

/**
 * What belongs to the database as a whole: settings, owner, privileges, comment. It comes last, after the comparison: it may take the right
 * to connect away from whoever restores. Returns what did not come back.
 */
export async function finishDatabase(
  context: RunContext,
  options: { input: Pick<FullRestore, 'targetDbname' | 'missingRoles'>; globals: Globals; connection: Connection; door: Connection },
): Promise<Loss[]> {
  const { input, globals } = options
  const refused = await applyDatabaseSettings(options.connection, globals, context.signal)
  const losses = refused.map(({ setting, cause }) => ({ object: setting, cause }))
  // an earlier version stored none: then the comparison names what the table of contents has
  if (globals.database === undefined) return losses
  const different = await applyDatabaseProperties(options.door, {
    name: input.targetDbname,
    wanted: globals.database,
    withoutGrants: input.missingRoles === 'drop_grants',
    signal: context.signal,
  })
  return [...losses, ...different]
}
