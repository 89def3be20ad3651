import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { heartbeatSettings, heartbeatState } from '#lib/domain/watch/heartbeat.ts'
import { seenOfInstallation } from '#lib/domain/watch/result.ts'

const failingMs = 10 * 60_000

/** Whether the service that watches Lifeboat from outside hears of it; no row where none is set up. */
export async function lookAtHeartbeat(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const rows = await catalog.selectFrom('settings').select(['key', 'value']).where('key', 'in', ['heartbeat', 'heartbeat_state']).execute()
  const settings = heartbeatSettings.safeParse(rows.find((row) => row.key === 'heartbeat')?.value ?? {})
  if (!settings.success || settings.data.urlSealed === null) return []
  const parsed = heartbeatState.safeParse(rows.find((row) => row.key === 'heartbeat_state')?.value ?? {})
  const state = parsed.success ? parsed.data : heartbeatState.parse({})
  const failing = state.failingSince === null ? 0 : now.getTime() - Date.parse(state.failingSince)
  if (failing > failingMs) {
    const words = `${settings.data.host} was not reached for ${formatDuration(failing / 1000)}. ${state.problem ?? 'It does not answer.'}`
    return [seenOfInstallation('heartbeat', { status: 'warning', words })]
  }
  if (state.lastOkAt === null)
    return [seenOfInstallation('heartbeat', { status: 'unknown', words: `Nothing was sent to ${settings.data.host} yet.` })]
  if (state.withheld !== null) return [seenOfInstallation('heartbeat', { status: 'unknown', words: `None is sent now: ${state.withheld}` })]
  return [seenOfInstallation('heartbeat', { status: 'ok', words: `${settings.data.host} heard of Lifeboat.` })]
}
