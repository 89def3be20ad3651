import { changeRole, removePerson } from '#lib/auth/people.ts'
import { limitToDatabases } from '#lib/auth/limit-to-databases.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { notFound } from '#lib/catalog/views/scope.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { userChangeInput } from '#lib/domain/inputs.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const PATCH = route({
  permission: 'people.manage',
  summary: "Change a role or the databases that a person may see; ends the person's sessions",
  answers: 'UserView',
  input: userChangeInput,
  confirmed: true,
  handler: async ({ catalog, actor, params, input }) => {
    const person = (await listUsers(catalog, actor)).find((one) => one.id === params.id)
    if (person === undefined) throw notFound('person')
    await catalog.transaction().execute(async (trx) => {
      await changeRole(trx, person.id, input.role ?? person.role)
      if (input.databaseIds !== undefined) await limitToDatabases(trx, person.id, input.databaseIds)
      await note(trx, actor, 'user.change', { kind: 'user', id: person.id }, { email: person.email, ...input })
    })
    return (await listUsers(catalog, actor)).find((one) => one.id === person.id)
  },
})

export const DELETE = route({
  permission: 'people.manage',
  summary: 'Take an account away; its sessions end at once, and what the person did stays in the trail',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => {
    const person = (await listUsers(catalog, actor)).find((one) => one.id === params.id)
    if (person === undefined) throw notFound('person')
    if (person.id === actor.id) throw new LifeboatError('refused', 'This is your own account.', 'Nothing was changed. Another admin can remove it.')
    await catalog.transaction().execute(async (trx) => {
      await removePerson(trx, person.id)
      await note(trx, actor, 'user.remove', { kind: 'user', id: person.id }, { email: person.email, role: person.role })
    })
  },
})
