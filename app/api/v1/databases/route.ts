import { randomUUID } from 'node:crypto'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { newDatabaseInput } from '#lib/domain/inputs.ts'
import { created } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { applyStandardPlan } from '#lib/operations/schedules.ts'
import { passwordPlace } from '#lib/secrets/places.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'The registered databases',
  answers: 'DatabaseView[]',
  handler: async ({ catalog, actor }) => listDatabases(catalog, actor),
})

export const POST = route({
  permission: 'database.write',
  summary: 'Register a database, check its connection and, unless told otherwise, give it the standard plan of backups',
  input: newDatabaseInput,
  handler: async ({ catalog, actor, input }) => {
    const { name, host, port, dbname, username } = input
    const id = randomUUID()
    const sealed = input.password === null ? null : await sealTyped(catalog, input.password, passwordPlace(id))
    const operation = await catalog.transaction().execute(async (trx) => {
      const residence = { tags: input.tags ?? [], allowed_regions: input.allowedRegions ?? null }
      const row = { id, name, host, port, dbname, username, password_sealed: sealed, ssl_mode: input.sslMode, ca_id: input.caId, ...residence }
      if ((await insertDatabase(trx, row)) === null) {
        throw new LifeboatError('conflict', `A database named ${name} is registered already.`, 'Nothing was saved. Choose another name.')
      }
      const check = await requestCheck(trx, actor, { input: { of: 'database', databaseId: id }, via: 'web' })
      await note(trx, actor, 'database.add', { kind: 'database', id }, { name, host, port, dbname, username, sslMode: input.sslMode })
      if (input.plan === 'standard') await applyStandardPlan(trx, actor, id)
      return check
    })
    return created(`/api/v1/databases/${id}`, { id, operationId: operation.id })
  },
})
