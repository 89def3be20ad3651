import { changeRole, countAdmins } from '#lib/auth/people.ts'
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
  handler: async ({ catalog, actor, params, input }) => {
    const person = (await listUsers(catalog, actor)).find((one) => one.id === params.id)
    if (person === undefined) throw notFound('person')
    const role = input.role ?? person.role
    if (person.role === 'admin' && role !== 'admin' && (await countAdmins(catalog, person.id)) === 0) {
      throw new LifeboatError('refused', 'This is the last admin.', 'Nothing was changed. Make another person an admin first.')
    }
    await catalog.transaction().execute(async (trx) => {
      if (input.databaseIds !== undefined) await limitToDatabases(trx, person.id, input.databaseIds)
      await note(trx, actor, 'user.change', { kind: 'user', id: person.id }, { email: person.email, ...input })
    })
    await changeRole(person.id, role)
    return (await listUsers(catalog, actor)).find((one) => one.id === person.id)
  },
})
