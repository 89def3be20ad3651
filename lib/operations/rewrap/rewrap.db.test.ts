import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { confirmKey, currentKey, insertKey } from '#lib/catalog/keys.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { registerWorker } from '#lib/catalog/workers.ts'
import { keyIdsOf } from '#lib/engine/seal/backup-key.ts'
import { type KeyRing, keysInForce } from '#lib/engine/seal/key-ring.ts'
import { deriveKeys, publicKeyId } from '#lib/engine/seal/keys.ts'
import { makeRecoveryKey } from '#lib/engine/seal/recovery-key.ts'
import { readHeartbeatSettings, writeHeartbeatSettings } from '#lib/catalog/watch-settings.ts'
import { heartbeatSettings } from '#lib/domain/watch/heartbeat.ts'
import { openSecret } from '#lib/secrets/open.ts'
import { channelSecretPlace, heartbeatUrlPlace, passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { openSealed } from '../run/open-sealed.ts'
import { lookAtKeys } from '#lib/watch/checks/keys.ts'
import { runAndKill } from '#test/support/killing.ts'
import { knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestReconcile } from '../reconcile/request.ts'
import { requestRestore } from '../restore/request.ts'
import { retireKey } from '../retire-key.ts'
import { requestVerify } from '../verify/request.ts'
import { requestRewrap } from './request.ts'

let world: Operating
let database: { id: string }
let near: TestStorage
const newMaster = randomBytes(32)
const newest = deriveKeys(newMaster)
/** of a machine where the key was rotated */
let ring: KeyRing
let first: BackupRow
let second: BackupRow
let safe: BackupRow

beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  near = await world.addStorage('near')
  ring = { ...newest, older: [world.keys] }
  await makeKnown(world.keys)
  first = await backUp()
  second = await backUp()
  safe = await backUp()
})
afterAll(() => world.close())

async function makeKnown(keys: KeyRing): Promise<void> {
  const { publicKeyPem } = keys.signing
  await insertKey(world.catalog, { id: keys.keyId, purpose: 'active', publicKey: null })
  await insertKey(world.catalog, { id: publicKeyId(publicKeyPem), purpose: 'signing', publicKey: publicKeyPem })
  await insertKey(world.catalog, { id: publicKeyId(keys.sealing.publicKeyPem), purpose: 'sealing', publicKey: keys.sealing.publicKeyPem })
}

async function backUp(keys: KeyRing = world.keys): Promise<BackupRow> {
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], via: 'cli' })
  const ended = await world.operate(requested, { keys })
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error('the backup has no row')
  return backup
}

const verdictOf = async (backup: BackupRow, keys: KeyRing) =>
  (await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }), { keys })).result?.verdict

async function rewrap(how: { forgetOld?: boolean } = {}): Promise<{ id: string }> {
  const { operations } = await requestRewrap(world.catalog, admin, { storageId: near.id, via: 'cli', ...how })
  const [only] = operations
  if (only === undefined) throw new Error('nothing was requested')
  return only
}

const keyObjects = async (backup: BackupRow): Promise<string[]> =>
  (await readdir(path.join(near.directory, backup.path))).filter((name) => name.startsWith('key')).sort()
const copyOf = async (backup: BackupRow) => (await listCopies(world.catalog, backup.id))[0]
const resultOf = (row: OperationRow) => row.result?.rewrap as Record<string, unknown>

test('after a rotation an old backup restores and a new one is sealed by the new key; a machine with the new key alone cannot open the old one yet', async () => {
  await makeKnown(newest)
  const taken = await backUp(ring)
  expect(taken.key_id).toBe(newest.keyId)
  const restored = await world.operate(await requestRestore(world.catalog, admin, { backupId: first.id, targetDbname: 'shop_old', via: 'cli' }), {
    keys: ring,
  })
  expect([restored.state, restored.error]).toEqual(['succeeded', null])
  expect(await verdictOf(first, newest)).toBe('unrecoverable')
  const view = await readKeys(world.catalog, admin)
  expect(view).toMatchObject({ toRewrap: 3, rewrap: null })
  expect(view.keys).toMatchObject([
    { id: newest.keyId, purpose: 'active', copies: 1, onlyOpener: 1 },
    { id: world.keys.keyId, purpose: 'older', copies: 3, onlyOpener: 3 },
  ])
  const refused = expect.objectContaining({ code: 'refused', message: expect.stringContaining('3 copies') })
  await expect(retireKey(world.catalog, admin, world.keys.keyId)).rejects.toEqual(refused)
})

test('a rewrap that is killed after any step leaves every backup readable by the old key, and the next one goes on to the end', async () => {
  const killable = { ...world, masterKey: newMaster, olderMasterKeys: [world.masterKey] }
  for (const failPoint of ['rewrap.written', 'rewrap.recorded:2']) {
    const { killed, ended } = await runAndKill(killable, await rewrap(), { failPoint })
    expect([failPoint, killed, ended.state]).toEqual([failPoint, true, 'interrupted'])
    await cancelRetry()
    for (const backup of [first, second, safe]) expect(await verdictOf(backup, world.keys), failPoint).toBe('valid')
  }
  const ended = await world.operate(await rewrap(), { keys: ring })
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  expect(resultOf(ended)).toMatchObject({ failed: 0, left: { onlyOld: 0, oldToo: 3 } })
  for (const backup of [first, second, safe]) {
    expect(await keyObjects(backup), 'one was added, none twice').toEqual(['key', 'key_2'])
    expect(await verdictOf(backup, newest), 'the new key alone').toBe('valid')
    expect(await verdictOf(backup, world.keys), 'the old key as before').toBe('valid')
    expect((await copyOf(backup))?.key_ids.toSorted()).toEqual([newest.keyId, world.keys.keyId].toSorted())
    expect((await getBackup(world.catalog, backup.id))?.key_id).toBe(newest.keyId)
  }
  expect((await readKeys(world.catalog, admin)).toRewrap).toBe(0)
})

/** The reaper asks for the killed one's next attempt; these tests ask for their own. */
async function cancelRetry(): Promise<void> {
  await sql`UPDATE operations SET state = 'cancelled', finished_at = now() WHERE kind = 'rewrap' AND state = 'queued'`.execute(world.catalog)
}

test('with the catalogue lost, the new key alone finds the backups again and believes what the old key signed', async () => {
  await sql`DELETE FROM backup_tables WHERE backup_id = ${first.id}`.execute(world.catalog)
  await sql`DELETE FROM verifications WHERE copy_id IN (SELECT id FROM copies WHERE backup_id = ${first.id})`.execute(world.catalog)
  await sql`UPDATE operations SET backup_id = NULL WHERE backup_id = ${first.id}`.execute(world.catalog)
  await sql`DELETE FROM copies WHERE backup_id = ${first.id}`.execute(world.catalog)
  await sql`DELETE FROM backups WHERE id = ${first.id}`.execute(world.catalog)
  const rebuilt = await world.operate(await requestReconcile(world.catalog, admin, { storageId: near.id, adopt: true, via: 'cli' }), { keys: newest })
  expect(rebuilt.result?.reconcile).toMatchObject({ adopted: [first.path], refused: [] })
  expect(await getBackup(world.catalog, first.id)).toMatchObject({ key_id: newest.keyId })
  expect(await verdictOf(first, newest)).toBe('valid')
})

test('a new recovery key is brought to every copy, and the console says what the old sheet still opens', async () => {
  const [old, fresh] = [await makeRecoveryKey(), await makeRecoveryKey()]
  for (const one of [old, fresh]) {
    await sql`UPDATE keys SET retired_at = now() WHERE purpose = 'recovery'`.execute(world.catalog)
    await insertKey(world.catalog, { id: one.keyId, purpose: 'recovery', publicKey: one.publicPem })
    const ended = await world.operate(await rewrap(), { keys: ring })
    expect([ended.state, ended.error]).toEqual(['succeeded', null])
  }
  const sheets = (await readKeys(world.catalog, admin)).keys.filter((key) => key.purpose === 'recovery')
  expect(sheets.map((key) => [key.id, key.copies])).toEqual([
    [fresh.keyId, 4],
    [old.keyId, 4],
  ])
  expect(sheets[1]?.words).toContain('An older sheet, which still opens 4 copies')
})

test('old keys are not forgotten while nobody has shown that the new recovery key is saved: the old sheet may be the only one on paper', async () => {
  const recovery = await currentKey(world.catalog, 'recovery')
  const refused = await world.operate(await rewrap({ forgetOld: true }), { keys: ring })
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'refused', message: expect.stringContaining('not confirmed as saved') } })
  expect(await confirmKey(world.catalog, recovery?.id ?? '')).toBe(true)
  await cancelRetry()
})

test('forgetting the old keys leaves one key object that the old key does not open; what is locked or held stays readable with it, and that is said', async () => {
  await world.catalog.insertInto('holds').values({ backup_id: second.id, kind: 'legal', reason: 'a case', placed_name: 'test' }).execute()
  await world.catalog
    .updateTable('copies')
    .set({ lock_mode: 'COMPLIANCE', retained_until: new Date('2099-01-01T00:00:00Z') })
    .where('backup_id', '=', safe.id)
    .execute()
  const killable = { ...world, masterKey: newMaster, olderMasterKeys: [world.masterKey] }
  const { killed } = await runAndKill(killable, await rewrap({ forgetOld: true }), { failPoint: 'rewrap.replaced' })
  expect(killed).toBe(true)
  await cancelRetry()
  expect(await verdictOf(first, newest), 'at every moment one key object opens').toBe('valid')

  const ended = await world.operate(await rewrap({ forgetOld: true }), { keys: ring })
  expect(ended.error).toBe(null)
  expect(resultOf(ended)).toMatchObject({ locked: 1, held: 1, failed: 0, left: { onlyOld: 0, locked: 1 } })
  expect(ended.findings.map((one) => one.code).sort()).toEqual(['held_old_key', 'locked_old_key'])
  expect(ended.findings.find((one) => one.code === 'locked_old_key')?.message).toContain('2099-01-01')
  expect(await keyObjects(first)).toEqual(['key'])
  expect(keyIdsOf(await readFile(path.join(near.directory, first.path, 'key')))).not.toContain(world.keys.keyId)
  expect(await verdictOf(first, world.keys)).toBe('unrecoverable')
  for (const backup of [first, second, safe]) expect(await verdictOf(backup, newest)).toBe('valid')
  for (const backup of [second, safe]) expect(await verdictOf(backup, world.keys)).toBe('valid')
  const older = (await readKeys(world.catalog, admin)).keys.find((key) => key.id === world.keys.keyId)
  expect(older).toMatchObject({ purpose: 'older', copies: 2, onlyOpener: 0, locked: 1, lockedUntil: '2099-01-01T00:00:00.000Z' })
})

test('a storage that is away keeps its old key objects and its rewrap fails by name; when it is back the next one goes on', async () => {
  const third = await backUp()
  await rename(near.directory, `${near.directory}.away`)
  const away = await world.operate(await rewrap(), { keys: ring })
  expect(away).toMatchObject({ state: 'failed', error: { code: 'storage_absent' } })
  await rename(`${near.directory}.away`, near.directory)
  await cancelRetry()
  expect((await readKeys(world.catalog, admin)).toRewrap).toBe(1)
  expect(await world.operate(await rewrap(), { keys: ring })).toMatchObject({ state: 'succeeded' })
  expect(await verdictOf(third, newest)).toBe('valid')
  const asked = await rewrap()
  await expect(world.operate(asked, { keys: world.keys }), 'a machine with an older key only').rejects.toThrow('could not be claimed')
  await world.operate(asked, { keys: ring })
})

test('passwords, and the addresses of those who are told, are sealed to the newest key once every live worker has it, and those that do not are named', async () => {
  const place = passwordPlace(database.id)
  const sealed = sealSecret('canary', world.keys.sealing.publicKeyPem, place)
  await sql`UPDATE databases SET password_sealed = ${sealed} WHERE id = ${database.id}`.execute(world.catalog)
  const worker = (keys: KeyRing, host: string) => ({
    id: crypto.randomUUID(),
    host,
    pid: 1,
    version: '1',
    schemaVersion: knownSchemaVersion(),
    toolMajors: [15],
    tools: [],
    keyIds: keysInForce(keys).map((one) => one.keyId),
    storageIds: [near.id],
    sealingKey: keys.sealing.publicKeyPem,
  })
  await registerWorker(world.catalog, worker(ring, 'rotated'))
  await registerWorker(world.catalog, worker(world.keys, 'forgotten-machine'))
  const ended = await world.operate(await rewrap(), { keys: ring })
  expect(ended.findings).toContainEqual(
    expect.objectContaining({ code: 'key_not_everywhere', severity: 'warning', message: expect.stringContaining('forgotten-machine') }),
  )
  const stored = async () =>
    (await world.catalog.selectFrom('databases').select('password_sealed').where('id', '=', database.id).executeTakeFirstOrThrow()).password_sealed
  expect(await stored()).toBe(sealed)

  await sql`UPDATE workers SET ended_at = now() WHERE host = 'forgotten-machine'`.execute(world.catalog)
  const another = await world.addDatabase('another')
  const sealedToo = sealSecret('canary 2', world.keys.sealing.publicKeyPem, passwordPlace(another.id))
  await sql`UPDATE databases SET password_sealed = ${sealedToo} WHERE id = ${another.id}`.execute(world.catalog)
  const killable = { ...world, masterKey: newMaster, olderMasterKeys: [world.masterKey] }
  expect(await runAndKill(killable, await rewrap(), { failPoint: 'reseal.one' })).toMatchObject({ killed: true })
  await cancelRetry()
  for (const [{ id }, password] of [
    [database, 'canary'],
    [another, 'canary 2'],
  ] as const) {
    const { password_sealed } = await world.catalog.selectFrom('databases').select('password_sealed').where('id', '=', id).executeTakeFirstOrThrow()
    expect(openSealed(password_sealed ?? '', ring, passwordPlace(id)), 'killed in between, each opens').toBe(password)
  }

  const channel = crypto.randomUUID()
  const old = (plain: string, where: string) => sealSecret(plain, world.keys.sealing.publicKeyPem, where)
  await sql`INSERT INTO channels (id, name, kind, config, secret_sealed)
    VALUES (${channel}, 'hook', 'webhook', '{"host": "x"}', ${old('canary 3', channelSecretPlace(channel))})`.execute(world.catalog)
  await writeHeartbeatSettings(world.catalog, { ...heartbeatSettings.parse({}), urlSealed: old('canary 4', heartbeatUrlPlace()), everySeconds: 77 })
  expect(await world.operate(await rewrap(), { keys: ring })).toMatchObject({ state: 'succeeded', findings: [{ code: 'locked_old_key' }] })
  expect(openSecret((await stored()) ?? '', newest.sealing.privateKey, place)).toBe('canary')
  const { secret_sealed } = await world.catalog.selectFrom('channels').select('secret_sealed').where('id', '=', channel).executeTakeFirstOrThrow()
  expect(openSecret(secret_sealed ?? '', newest.sealing.privateKey, channelSecretPlace(channel))).toBe('canary 3')
  const heartbeat = await readHeartbeatSettings(world.catalog)
  expect(openSecret(heartbeat.urlSealed ?? '', newest.sealing.privateKey, heartbeatUrlPlace())).toBe('canary 4')
  expect(heartbeat.everySeconds, 'what stands beside it stays').toBe(77)
  const audit = await world.catalog.selectFrom('audit').select(['action', 'subject_id']).where('action', '=', 'secret.reseal').execute()
  expect(audit.map((row) => row.subject_id).sort(), 'one row for each, none twice').toEqual([database.id, another.id, channel, 'heartbeat'].sort())
})

test('a key that backups need and no live worker has is shown as lost, with what that costs, and raises a critical alert', async () => {
  await sql`UPDATE workers SET key_ids = '{}' WHERE host = 'rotated'`.execute(world.catalog)
  const [active] = (await readKeys(world.catalog, admin)).keys
  expect(active).toMatchObject({ id: newest.keyId, lost: true, heldBy: [] })
  expect(active?.words).toContain('no backup can be made')
  expect(active?.words).toContain('unrecoverable')
  const [seen] = await lookAtKeys(world.catalog, new Date())
  expect(seen).toMatchObject({ kind: 'keys', status: 'critical', words: expect.stringContaining(newest.keyId) })
})
