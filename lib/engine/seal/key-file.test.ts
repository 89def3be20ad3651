import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeMasterKey, parseMasterKey, readMasterKey } from './key-file.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lifeboat-key-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('a master key that was made is read back, and only its owner may read the file', async () => {
  const file = path.join(directory, 'keys', 'master')
  const made = await makeMasterKey(file)
  expect((await readMasterKey(file)).equals(made)).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o400)
})

test('a master key is never replaced', async () => {
  const file = path.join(directory, 'master')
  const made = await makeMasterKey(file)
  await expect(makeMasterKey(file)).rejects.toMatchObject({ code: 'conflict' })
  expect((await readMasterKey(file)).equals(made)).toBe(true)
})

test('a key file that is not there is named as missing', async () => {
  await expect(readMasterKey(path.join(directory, 'none'))).rejects.toMatchObject({ code: 'key_missing' })
})

test('a text that is no key is refused without being repeated', () => {
  expect(() => parseMasterKey('c2VjcmV0')).toThrow(expect.objectContaining({ code: 'usage' }))
  expect(() => parseMasterKey('c2VjcmV0')).toThrow(/^(?!.*c2VjcmV0)/)
})
