import { beginRunbookRun } from '#lib/catalog/runbook-runs.ts'
import { readDatabase } from '#lib/catalog/views/databases.ts'
import { listRunbookRuns, readRunbookRun, runbookRunFilters } from '#lib/catalog/views/runbook-runs.ts'
import { runbookRunInput } from '#lib/domain/runbook-input.ts'
import { created } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Runbooks that were followed, newest first: what was done, when and by whom',
  answers: 'RunbookRunView[]',
  query: runbookRunFilters,
  handler: async ({ catalog, actor, query }) => listRunbookRuns(catalog, actor, query),
})

export const POST = route({
  permission: 'runbook.record',
  summary: 'Begin the record of a runbook that is followed',
  answers: 'RunbookRunView',
  input: runbookRunInput,
  handler: async ({ catalog, actor, input }) => {
    const database = await readDatabase(catalog, actor, input.databaseId)
    const id = await catalog.transaction().execute(async (trx) => {
      const run = await beginRunbookRun(trx, { scenario: input.scenario, databaseId: database.id, by: actor.name })
      await note(trx, actor, 'runbook.begin', { kind: 'runbook_run', id: run.id }, { scenario: input.scenario, database: database.name })
      return run.id
    })
    return created(`/api/v1/runbook-runs/${id}`, await readRunbookRun(catalog, actor, id))
  },
})
