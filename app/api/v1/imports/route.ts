import { importRequestInput } from '#lib/domain/import-input.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestImport } from '#lib/operations/import/request.ts'

export const POST = route({
  permission: 'import.run',
  summary: 'Import a file of the older scripts from the worker’s directory for imports, or plan it with dryRun; honours Idempotency-Key',
  input: importRequestInput,
  confirmed: ({ dryRun }) => !dryRun,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestImport(catalog, actor, { ...input, place: 'imports', via: 'web', idempotencyKey })
    return accepted(id)
  },
})
