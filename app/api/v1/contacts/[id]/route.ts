import { contactInput } from '#lib/domain/watch/escalation.ts'
import { route } from '#lib/http/route.ts'
import { changeContact, removeContact } from '#lib/operations/watch-settings.ts'

export const PATCH = route({
  permission: 'watch.write',
  summary: 'Change a contact: the whole of it is given',
  input: contactInput,
  handler: async ({ catalog, actor, params, input }) => changeContact(catalog, actor, params.id ?? '', input),
})

export const DELETE = route({
  permission: 'watch.write',
  summary: 'Remove a contact',
  handler: async ({ catalog, actor, params }) => removeContact(catalog, actor, params.id ?? ''),
})
