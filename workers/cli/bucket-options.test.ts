import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { credentialsOf, lockChangeOf } from './bucket-options.ts'

let directory: string
let file: string
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lifeboat-bucket-options-'))
  file = path.join(directory, 'secret')
  await writeFile(file, 'canary-secret\n', { mode: 0o600 })
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('a key for deleting comes with its secret or not at all', () => {
  const upload = { accessKeyId: 'id', secretKeyFile: file }
  expect(credentialsOf(upload)).toEqual({ accessKeyId: 'id', secretAccessKey: 'canary-secret' })
  expect(credentialsOf({ ...upload, deleteAccessKeyId: 'other', deleteSecretKeyFile: file })).toMatchObject({
    deleteAccessKeyId: 'other',
    deleteSecretAccessKey: 'canary-secret',
  })
  expect(() => credentialsOf({ ...upload, deleteAccessKeyId: 'other' })).toThrow('half there')
})

test('a lock has a mode and days; none takes it off; what was not said changes nothing', () => {
  expect(lockChangeOf({})).toEqual({})
  expect(lockChangeOf({ lock: 'none' })).toEqual({ lockMode: null })
  expect(lockChangeOf({ lock: 'governance', lockDays: '30' })).toEqual({ lockMode: 'GOVERNANCE', lockDays: 30 })
  for (const wrong of [{ lock: 'governance' }, { lockDays: '3' }, { lock: 'worm', lockDays: '3' }, { lock: 'compliance', lockDays: '0.5' }])
    expect(() => lockChangeOf(wrong)).toThrow('Which lock')
})
