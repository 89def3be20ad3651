import { listDatabases } from '#lib/catalog/databases.ts'
import { dutyView } from '#lib/catalog/views/retention.ts'
import { route } from '#lib/http/route.ts'
import { removeDuty } from '#lib/operations/retention-duties.ts'

export const DELETE = route({
  permission: 'retention.write',
  summary: 'A duty ends, after the delay of a shorter rule; to add it again before takes that back',
  answers: 'RetentionDutyView',
  confirmed: true,
  handler: async ({ catalog, actor, params }) =>
    dutyView(await removeDuty(catalog, actor, params.id ?? ''), await listDatabases(catalog, actor.databaseIds)),
})
