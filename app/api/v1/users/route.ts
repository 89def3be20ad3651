import { makeInviteLink } from '#lib/auth/setup-link.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { inviteInput } from '#lib/domain/inputs.ts'
import { json } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'people.manage',
  summary: 'People with an account',
  answers: 'UserView[]',
  handler: async ({ catalog, actor }) => listUsers(catalog, actor),
})

export const POST = route({
  permission: 'people.manage',
  summary: 'Invite a person: answers a one-time link, shown once',
  input: inviteInput,
  confirmed: true,
  handler: async ({ catalog, actor, input }) => {
    const link = await catalog.transaction().execute(async (trx) => {
      const made = await makeInviteLink(trx, input)
      await note(trx, actor, 'user.invite', { kind: 'user', id: input.email }, { role: input.role })
      return made
    })
    return json({ path: link.path, expiresAt: link.expiresAt.toISOString() }, 201)
  },
})
