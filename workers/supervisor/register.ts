import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { insertDatabase, updateDatabase } from '#lib/catalog/databases.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { readMarker, writeMarker } from '#lib/engine/storage/marker.ts'
import { putRecoveryFiles } from '#lib/engine/storage/recovery-files.ts'
import { applyStandardPlan } from '#lib/operations/schedules.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import type { SampleConnection } from '../embedded/sample.ts'

/** Registers the sample database once; afterwards only keeps its port current. One that a person removed stays removed. */
export async function registerSample(catalog: Kysely<Catalog>, sample: SampleConnection, sealingPem: string): Promise<void> {
  const known = await catalog.selectFrom('databases').select(['id', 'port', 'removed_at']).where('is_sample', '=', true).executeTakeFirst()
  if (known?.removed_at) return
  const id = known?.id ?? randomUUID()
  const sealed = sealSecret(sample.password, sealingPem, passwordPlace(id))
  if (known !== undefined) {
    if (known.port !== sample.port) await updateDatabase(catalog, id, { port: sample.port, password_sealed: sealed })
    return
  }
  const { password: _password, ...where } = sample
  await catalog.transaction().execute(async (trx) => {
    await insertDatabase(trx, { id, name: sample.dbname, ...where, password_sealed: sealed, ssl_mode: 'disable', is_sample: true })
    await appendAudit(trx, auditKey(), {
      ...auditActor(systemActor),
      action: 'database.add',
      subjectKind: 'database',
      subjectId: id,
      outcome: 'done',
      detail: { name: sample.dbname, sample: true },
    })
    await applyStandardPlan(trx, systemActor, id)
  })
}

/** The database that an `.env.backup` of the older scripts names, registered once. */
export async function registerOlderDatabase(
  catalog: Kysely<Catalog>,
  older: { host: string; user: string; name: string; password: string },
  sealingPem: string,
): Promise<void> {
  const known = await catalog.selectFrom('databases').select('id').where('host', '=', older.host).where('dbname', '=', older.name).executeTakeFirst()
  if (known !== undefined) return
  const id = randomUUID()
  const sealed = sealSecret(older.password, sealingPem, passwordPlace(id))
  await catalog.transaction().execute(async (trx) => {
    await insertDatabase(trx, {
      id,
      name: older.name,
      host: older.host,
      port: 5432,
      dbname: older.name,
      username: older.user,
      password_sealed: sealed,
    })
    await applyStandardPlan(trx, systemActor, id)
  })
}

/** The storage that every installation begins with: a directory on this machine. Also says so where its catalogue was lost. */
export async function registerLocalStorage(catalog: Kysely<Catalog>, home: string): Promise<void> {
  const known = await catalog.selectFrom('storages').select('id').limit(1).executeTakeFirst()
  if (known !== undefined) return
  const directory = path.join(home, 'backups')
  if (!existsSync(directory)) await makeLocalRoot(directory)
  const found = await readMarker(openLocalStorage({ path: directory, storageId: null }))
  const id = found ?? randomUUID()
  if (found === null) await writeMarker(openLocalStorage({ path: directory, storageId: null }), id)
  await putRecoveryFiles(openLocalStorage({ path: directory, storageId: id }))
  await catalog.transaction().execute(async (trx) => {
    await insertStorage(trx, { id, name: 'local', kind: 'local', config: JSON.stringify({ path: directory }) })
    await appendAudit(trx, auditKey(), {
      ...auditActor(systemActor),
      action: 'storage.add',
      subjectKind: 'storage',
      subjectId: id,
      outcome: 'done',
      detail: { name: 'local', path: directory },
    })
  })
}
