import { readRetention } from '#lib/catalog/views/retention.ts'
import { route } from '#lib/http/route.ts'
import { resumePruning } from '#lib/operations/retention-settings.ts'

export const POST = route({
  permission: 'retention.write',
  summary: 'After a rebuild of the catalogue: an admin has looked at what would go, and deleting by rule goes on',
  answers: 'RetentionView',
  confirmed: true,
  handler: async ({ catalog, actor }) => {
    await resumePruning(catalog, actor)
    return readRetention(catalog, actor)
  },
})
