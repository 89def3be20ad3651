import type { RunbookScenario } from '#lib/domain/states.ts'

export function runbookHref(scenario: RunbookScenario, databaseId: string, runId?: string): string {
  return `/runbooks/${scenario}?${new URLSearchParams({ database: databaseId, ...(runId === undefined ? {} : { run: runId }) })}`
}
