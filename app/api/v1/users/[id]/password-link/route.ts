import { makePasswordLink } from '#lib/auth/setup-link.ts'
import { notFound } from '#lib/catalog/views/scope.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { json } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const POST = route({
  permission: 'people.manage',
  summary: 'A one-time link with which a person chooses a new password, shown once',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => {
    const person = (await listUsers(catalog, actor)).find((one) => one.id === params.id)
    if (person === undefined) throw notFound('person')
    const link = await catalog.transaction().execute(async (trx) => {
      const made = await makePasswordLink(trx, person.email)
      await note(trx, actor, 'user.password_link', { kind: 'user', id: person.id }, { email: person.email })
      return made
    })
    return json({ path: link.path, expiresAt: link.expiresAt.toISOString() }, 201)
  },
})
