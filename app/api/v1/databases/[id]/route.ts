import { removeDatabase } from '#lib/catalog/databases.ts'
import { readDatabase } from '#lib/catalog/views/databases.ts'
import { listMisplaced } from '#lib/catalog/residency.ts'
import { misplacedFindings } from '#lib/domain/residency.ts'
import { readSafety } from '#lib/catalog/views/overview.ts'
import { type DatabaseChange, databaseChangeInput } from '#lib/domain/inputs.ts'
import { isLoopback } from '#lib/domain/connection-url.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { changeDatabase } from '#lib/operations/change-database.ts'
import { passwordPlace } from '#lib/secrets/places.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One database and how safe it is',
  answers: 'DatabaseSafety',
  handler: async ({ catalog, actor, params }) => readSafety(catalog, actor, await readDatabase(catalog, actor, params.id ?? '')),
})

/** Fields that decide where a stored password is sent. */
const leadsElsewhere = ['host', 'port', 'dbname', 'username', 'sslMode', 'caId'] as const satisfies (keyof DatabaseChange)[]

export const PATCH = route({
  permission: 'database.write',
  summary: 'Change a database; a new place needs the password again. `findings` names copies that may not lie where they are any more',
  input: databaseChangeInput,
  // a duty of retention ends for a database that loses its tag, when its delay is over
  confirmed: ({ tags }) => tags !== undefined,
  handler: async ({ catalog, actor, params, input }) => {
    const { id, host, sslMode } = await readDatabase(catalog, actor, params.id ?? '')
    if (input.password === undefined && leadsElsewhere.some((field) => input[field] !== undefined)) {
      const hint = 'Nothing was changed. Type the password again: a stored one is never sent to a new place.'
      throw new LifeboatError('usage', 'A change of the connection needs the password.', hint)
    }
    if ((input.sslMode ?? sslMode) === 'disable' && !isLoopback(input.host ?? host)) {
      throw new LifeboatError('usage', 'Without TLS only this machine itself may be reached.', 'Nothing was changed. Choose verify-full.')
    }
    const sealed = input.password == null ? input.password : await sealTyped(catalog, input.password, passwordPlace(id))
    const values = { ...valuesOf(input), ...(sealed === undefined ? {} : { password_sealed: sealed }) }
    await changeDatabase(catalog, actor, id, { values, fields: Object.keys(input) })
    const findings = input.allowedRegions === undefined ? [] : misplacedFindings(await listMisplaced(catalog, { databaseId: id }))
    return { id, findings }
  },
})

export const DELETE = route({
  permission: 'database.write',
  summary: 'Take a database off the list; its backups stay',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => {
    const { id, name } = await readDatabase(catalog, actor, params.id ?? '')
    await catalog.transaction().execute(async (trx) => {
      await removeDatabase(trx, id)
      await note(trx, actor, 'database.remove', { kind: 'database', id }, { name })
    })
  },
})

function valuesOf(input: DatabaseChange) {
  const columns = {
    name: input.name,
    host: input.host,
    port: input.port,
    dbname: input.dbname,
    username: input.username,
    ssl_mode: input.sslMode,
    ca_id: input.caId,
    rpo_objective_seconds: input.rpoObjectiveSeconds,
    rto_objective_seconds: input.rtoObjectiveSeconds,
    tags: input.tags,
    allowed_regions: input.allowedRegions,
  }
  // the connection's health is unknown again until the next check
  const forgotten = leadsElsewhere.some((field) => input[field] !== undefined) ? { reachable: null, checked_at: null, problem: null } : {}
  return { ...Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)), ...forgotten, removed_at: null }
}
