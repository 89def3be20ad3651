import type { Finding } from '#lib/domain/plan.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { applyDatabaseProperties } from '#lib/engine/postgres/database-properties.ts'
import { applyDatabaseSettings } from '#lib/engine/postgres/database-settings.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import type { SwapFacts } from '#lib/engine/postgres/swap-facts.ts'
import type { RunContext } from '../../run-context.ts'
import type { Loss } from '../compare.ts'
import { differentSettings } from './findings.ts'

/**
 * Gives the restored database what the live one has now as a whole: settings, per-role settings, owner, privileges, comment, limit. What the
 * backup had otherwise is a finding; what could not be given is a loss.
 */
export async function keepLiveProperties(
  context: RunContext,
  options: {
    name: string
    connection: Connection
    door: Connection
    live: NonNullable<SwapFacts['live']>
    backup: Globals
  },
): Promise<{ losses: Loss[]; findings: Finding[] }> {
  const { live, backup } = options
  const refused = await applyDatabaseSettings(options.connection, { ...backup, databaseSettings: live.settings }, context.signal)
  const different = await applyDatabaseProperties(options.door, {
    name: options.name,
    wanted: live.properties,
    // the live database's roles are on this server, whatever roles of the backup are not
    withoutGrants: false,
    signal: context.signal,
  })
  return {
    losses: [...refused.map(({ setting, cause }) => ({ object: setting, cause })), ...different],
    findings: [...differentSettings(live.settings, backup.databaseSettings), ...differentOwner(live, backup)],
  }
}

function differentOwner(live: NonNullable<SwapFacts['live']>, backup: Globals): Finding[] {
  const owner = backup.database?.owner
  if (owner === undefined || owner === live.properties.owner) return []
  return [
    {
      severity: 'warning',
      code: 'owner_differs',
      message: `The live database belongs to ${live.properties.owner}, and belonged to ${owner} when the backup was taken. The live owner stays.`,
      remedy: 'Change it afterwards where that is not wanted: ALTER DATABASE … OWNER TO.',
      overridable: true,
    },
  ]
}
