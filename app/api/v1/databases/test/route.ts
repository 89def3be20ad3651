import { randomUUID } from 'node:crypto'
import { getCaCertificate } from '#lib/catalog/databases.ts'
import { connectionInput } from '#lib/domain/inputs.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { passwordPlace } from '#lib/secrets/places.ts'

export const POST = route({
  permission: 'database.write',
  summary: 'Try a connection without registering it',
  input: connectionInput,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { host, port, dbname, username, sslMode } = input
    const databaseId = randomUUID()
    const passwordSealed = input.password === null ? null : await sealTyped(catalog, input.password, passwordPlace(databaseId))
    const caPem = input.caId === null ? null : ((await getCaCertificate(catalog, input.caId))?.pem ?? null)
    const check = await requestCheck(catalog, actor, {
      input: { of: 'new_database', databaseId, host, port, dbname, username, passwordSealed, sslMode, caPem },
      via: 'web',
      idempotencyKey,
    })
    return accepted(check.id)
  },
})
