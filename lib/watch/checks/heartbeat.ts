import type { Kysely } from 'kysely'
import { readHeartbeatSettings, readHeartbeatState } from '#lib/catalog/watch-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { seenOfInstallation } from '#lib/domain/watch/result.ts'

const failingMs = 10 * 60_000

/** Whether the service that watches Lifeboat from outside hears of it; no row where none is set up. */
export async function lookAtHeartbeat(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const [settings, state] = await Promise.all([readHeartbeatSettings(catalog), readHeartbeatState(catalog)])
  if (settings.urlSealed === null) return []
  const failing = state.failingSince === null ? 0 : now.getTime() - Date.parse(state.failingSince)
  if (failing > failingMs) {
    const words = `${settings.host} was not reached for ${formatDuration(failing / 1000)}. ${state.problem ?? 'It does not answer.'}`
    return [seenOfInstallation('heartbeat', { status: 'warning', words })]
  }
  if (state.lastOkAt === null) return [seenOfInstallation('heartbeat', { status: 'unknown', words: `Nothing was sent to ${settings.host} yet.` })]
  if (state.withheld !== null) return [seenOfInstallation('heartbeat', { status: 'unknown', words: `None is sent now: ${state.withheld}` })]
  return [seenOfInstallation('heartbeat', { status: 'ok', words: `${settings.host} heard of Lifeboat.` })]
}
