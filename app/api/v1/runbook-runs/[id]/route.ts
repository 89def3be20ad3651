import { endRunbookRun, recordStep, withdrawStep } from '#lib/catalog/runbook-runs.ts'
import { readOperationState } from '#lib/catalog/views/operations.ts'
import { readRunbookRun } from '#lib/catalog/views/runbook-runs.ts'
import { runbookRunChange } from '#lib/domain/runbook-input.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One runbook that was or is followed',
  answers: 'RunbookRunView',
  handler: async ({ catalog, actor, params }) => readRunbookRun(catalog, actor, params.id ?? ''),
})

export const PATCH = route({
  permission: 'runbook.record',
  summary: 'Record that a step was done, that it was not, or how it all ended',
  answers: 'RunbookRunView',
  input: runbookRunChange,
  handler: async ({ catalog, actor, params, input }) => {
    const { id } = await readRunbookRun(catalog, actor, params.id ?? '')
    if (input.change === 'done' && input.operationId !== null) await readOperationState(catalog, actor, input.operationId)
    await catalog.transaction().execute(async (trx) => {
      if (input.change === 'done') await recordStep(trx, id, { ...input, by: actor.name })
      else if (input.change === 'undone') await withdrawStep(trx, id, input.step)
      else await endRunbookRun(trx, id, { ...input, by: actor.name })
      await note(trx, actor, `runbook.${input.change}`, { kind: 'runbook_run', id }, input)
    })
    return readRunbookRun(catalog, actor, id)
  },
})
