import { readEscalationView } from '#lib/catalog/views/contacts.ts'
import { escalationPolicy } from '#lib/domain/watch/escalation.ts'
import { route } from '#lib/http/route.ts'
import { setEscalation } from '#lib/operations/watch-settings.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Who is told of a critical alert that nobody takes on, and after how long',
  answers: 'EscalationView',
  handler: async ({ catalog }) => readEscalationView(catalog),
})

export const PUT = route({
  permission: 'watch.write',
  summary: 'Change after how long each level is told',
  answers: 'EscalationView',
  input: escalationPolicy,
  confirmed: ({ on }) => !on,
  handler: async ({ catalog, actor, input }) => {
    await setEscalation(catalog, actor, input)
    return readEscalationView(catalog)
  },
})
