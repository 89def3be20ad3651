import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { entryName } from '#lib/domain/names.ts'
import { openEntry, sealEntry } from './entry.ts'
import { type HoldObject, holdObjectName, openHoldObject, sealHoldObject, unreadableHoldId } from './hold-object.ts'
import { newBackupKey } from './keys.ts'

const place = { backupKey: newBackupKey(), backupId: randomUUID() }
const object: HoldObject = {
  storageHold: true,
  holds: [{ id: randomUUID(), kind: 'legal', reason: 'Case 12', placedAt: '2026-03-01T10:00:00.000Z', placedName: 'Ada' }],
}
const one = async function* (bytes: Buffer) {
  yield bytes
}

test('holds come back as they were written, and nobody without the backup key reads the reason', async () => {
  const stored = await sealHoldObject(object, place)
  expect(stored.includes('Case 12')).toBe(false)
  expect(await openHoldObject(stored, place)).toEqual(object)
})

test('a changed object, one of another backup and one of another key are refused: whoever asks takes them for a hold', async () => {
  const stored = await sealHoldObject(object, place)
  const changed = Buffer.from(stored)
  changed[stored.length - 30] = (changed[stored.length - 30] ?? 0) ^ 1
  await expect(openHoldObject(changed, place)).rejects.toMatchObject({ code: 'corrupt' })
  await expect(openHoldObject(stored, { ...place, backupId: randomUUID() })).rejects.toMatchObject({ code: 'corrupt' })
  await expect(openHoldObject(stored, { ...place, backupKey: newBackupKey() })).rejects.toMatchObject({ code: 'wrong_key' })
})

test('an entry cannot stand in for a hold, nor a hold for an entry', async () => {
  const { stream } = sealEntry({ ...place, ordinal: 1, source: one(Buffer.from('{"format":"lifeboat-holds/1","storageHold":false,"holds":[]}')) })
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  await expect(openHoldObject(Buffer.concat(parts), place)).rejects.toMatchObject({ code: 'corrupt' })
  const stored = await sealHoldObject(object, place)
  await expect(openEntry({ ...place, ordinal: 0, stored: one(stored), expected: null }).next()).rejects.toMatchObject({ code: 'corrupt' })
  expect(holdObjectName).not.toMatch(/^(manifest|key(_\d+)?)$/)
  expect(entryName(1)).not.toBe(holdObjectName)
})

test('an object that nobody can read has one id wherever it lies, and another object another', () => {
  const id = unreadableHoldId(place.backupId, Buffer.from('x'))
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(unreadableHoldId(place.backupId, Buffer.from('x'))).toBe(id)
  expect(unreadableHoldId(place.backupId, Buffer.from('y'))).not.toBe(id)
})
