import { z } from 'zod'
import { readOperationState } from '#lib/catalog/views/operations.ts'
import { eventStream } from '#lib/http/event-stream.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'The operation as Server-Sent Events: log, state, end; resumes by Last-Event-ID',
  query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
  handler: async ({ request, catalog, params, query, actor }) => {
    const operation = await readOperationState(catalog, actor, params.id ?? '')
    const last = Number(request.headers.get('last-event-id') ?? query.after)
    return eventStream(request, operation.id, Number.isSafeInteger(last) && last >= 0 ? last : 0)
  },
})
