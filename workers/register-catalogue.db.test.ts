import { afterAll, beforeAll, expect, test } from 'vitest'
import { getBackup } from '#lib/catalog/backups.ts'
import { removeDatabase } from '#lib/catalog/databases.ts'
import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { readOverview } from '#lib/catalog/views/overview.ts'
import { ownCatalogueId } from '#lib/domain/own-catalogue.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { requestClone } from '#lib/operations/clone/request.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { requestVerify } from '#lib/operations/verify/request.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { registerCatalogue } from './register-catalogue.ts'

let world: Operating
const register = (url = world.url) => registerCatalogue(world.catalog, url, world.keys.sealing.publicKeyPem)
beforeAll(async () => {
  world = await startOperating()
  await world.addStorage('near')
  await world.addStorage('far')
})
afterAll(() => world.close())

test('the catalogue is protected by default, daily and on every storage, and backed up like any other database', async () => {
  await register()
  await register()
  expect(await listSchedules(world.catalog, admin)).toMatchObject([{ database: { id: ownCatalogueId }, tier: 'daily', storages: [] }])
  const overview = await readOverview(world.catalog, admin)
  expect([overview.databases, overview.catalogue?.database.name]).toEqual([[], 'Lifeboat catalogue'])
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: ownCatalogueId, tier: 'daily', via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const verified = await world.operate(await requestVerify(world.catalog, admin, { backupId: ended.backup_id ?? '', via: 'cli' }))
  expect(verified.result).toMatchObject({ verdict: 'valid' })
  const copies = await world.catalog.selectFrom('copies').select('state').execute()
  expect(copies).toEqual([{ state: 'verified' }, { state: 'verified' }])
  const tables = await world.catalog.selectFrom('backup_tables').select('name').where('schema', '=', 'lifeboat').execute()
  expect(tables.map((one) => one.name)).toEqual(expect.arrayContaining(['audit', 'backups', 'holds', 'operations', 'retention_rules']))
  expect((await getBackup(world.catalog, ended.backup_id ?? ''))?.suspicious).toBeNull()
})

test('its backup is restored beside it by an admin alone, and nothing overwrites it or runs beside it', async () => {
  const backup = await world.catalog.selectFrom('backups').select('id').executeTakeFirstOrThrow()
  const operator = { ...admin, role: 'operator' as const }
  const anew = { backupId: backup.id, targetDbname: 'catalogue_again', via: 'cli' as const }
  await expect(requestRestore(world.catalog, operator, anew)).rejects.toMatchObject({ code: 'forbidden' })
  const over = { backupId: backup.id, way: 'replace' as const, confirmation: new URL(world.url).pathname.slice(1), via: 'cli' as const }
  await expect(requestRestore(world.catalog, admin, over)).rejects.toMatchObject({ code: 'refused' })
  const shop = await world.addDatabase('shop')
  const beside = {
    databaseId: shop.id,
    serverDatabaseId: ownCatalogueId,
    targetDbname: 'x',
    missingRoles: 'refuse' as const,
    roleMap: {},
    jobs: 1,
    force: false,
  }
  await expect(requestClone(world.catalog, admin, { ...beside, via: 'cli' })).rejects.toMatchObject({ code: 'refused' })
  expect(await requestRestore(world.catalog, admin, { ...anew, dryRun: true })).toMatchObject({ existing: false })
})

test('where it moved it is found again; one that was taken off the list stays off', async () => {
  const moved = new URL(world.url)
  moved.port = '1'
  await register(moved.href)
  const row = () => world.catalog.selectFrom('databases').selectAll().where('id', '=', ownCatalogueId).executeTakeFirstOrThrow()
  expect(await row()).toMatchObject({ port: 1, is_catalogue: true, removed_at: null })
  await removeDatabase(world.catalog, ownCatalogueId)
  await register()
  expect(await row()).toMatchObject({ port: 1, removed_at: expect.any(Date) as unknown })
})
