import { listDatabases } from '#lib/catalog/databases.ts'
import { dutyView } from '#lib/catalog/views/retention.ts'
import { dutyInput } from '#lib/domain/retention/inputs.ts'
import { route } from '#lib/http/route.ts'
import { addDuty } from '#lib/operations/retention-duties.ts'

export const POST = route({
  permission: 'retention.write',
  summary: 'What must be kept whatever the rules say: backups of a tier, of databases with a tag',
  answers: 'RetentionDutyView',
  input: dutyInput,
  handler: async ({ catalog, actor, input }) => dutyView(await addDuty(catalog, actor, input), await listDatabases(catalog, actor.databaseIds)),
})
