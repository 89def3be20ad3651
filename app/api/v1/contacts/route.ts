import { listContacts } from '#lib/catalog/contacts.ts'
import { contactView } from '#lib/catalog/views/contacts.ts'
import { contactInput } from '#lib/domain/watch/escalation.ts'
import { created } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { addContact } from '#lib/operations/watch-settings.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Whom to call, by level, in order',
  answers: 'ContactView[]',
  handler: async ({ catalog }) => (await listContacts(catalog)).map(contactView),
})

export const POST = route({
  permission: 'watch.write',
  summary: 'Add somebody whom to call',
  answers: '{id}',
  input: contactInput,
  handler: async ({ catalog, actor, input }) => {
    const id = await addContact(catalog, actor, input)
    return created(`/api/v1/contacts/${id}`, { id })
  },
})
