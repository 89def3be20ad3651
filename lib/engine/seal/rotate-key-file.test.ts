import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeMasterKey, readMasterKey, readOlderKeys } from './key-file.ts'
import { deriveKeys } from './keys.ts'
import { rotateMasterKey } from './rotate-key-file.ts'

let directory = ''
let file = ''
let older = ''
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'lifeboat-rotate-'))
  file = path.join(directory, 'lifeboat.key')
  older = path.join(directory, 'older')
})
afterEach(() => rm(directory, { recursive: true }))

const idsInOlder = async () => (await readOlderKeys(older)).map((key) => deriveKeys(key).keyId).sort()

test('a rotation puts a new key in place, keeps the old one by its id, and says both before the new one is in force', async () => {
  const old = deriveKeys(await makeMasterKey(file)).keyId
  const told: unknown[] = []
  const ids = await rotateMasterKey(file, older, async (both) => {
    told.push({ ...both }, deriveKeys(await readMasterKey(file)).keyId)
  })
  expect(ids.from).toBe(old)
  expect(told).toEqual([ids, old])
  expect(deriveKeys(await readMasterKey(file)).keyId).toBe(ids.to)
  expect(await readdir(older)).toEqual([`${old}.key`])
  expect([(await stat(file)).mode & 0o777, (await stat(path.join(older, `${old}.key`))).mode & 0o777]).toEqual([0o400, 0o400])
  const again = await rotateMasterKey(file, older, async () => {})
  expect(await idsInOlder()).toEqual([old, ids.to].toSorted())
  expect(again.from).toBe(ids.to)
})

test('when nobody can be told of the new key, the old one stays in force and no half-made one is left', async () => {
  const old = await readMasterKeyOf(await makeMasterKey(file))
  await expect(rotateMasterKey(file, older, () => Promise.reject(new Error('the catalogue is away')))).rejects.toThrow('away')
  expect(await readMasterKeyOf(await readMasterKey(file))).toBe(old)
  expect((await readdir(directory)).sort()).toEqual(['lifeboat.key', 'older'])
})

const readMasterKeyOf = async (key: Buffer) => deriveKeys(key).keyId

test.each(['rotate.kept', 'rotate.made', 'rotate.replaced'])(
  'a rotation that is killed at %s loses no key, and the next one goes through',
  async (point) => {
    const old = await makeMasterKey(file)
    const program = `
    import { armFailPoint } from '#lib/engine/process/failpoint.ts'
    import { rotateMasterKey } from '#lib/engine/seal/rotate-key-file.ts'
    armFailPoint(${JSON.stringify(point)})
    await rotateMasterKey(${JSON.stringify(file)}, ${JSON.stringify(older)}, async () => {})`
    const root = path.join(import.meta.dirname, '../../..')
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: root,
      env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '' },
      stdio: 'ignore',
    })
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    expect(signal).toBe('SIGKILL')
    const inForce = await readMasterKey(file)
    const kept = await readOlderKeys(older)
    expect(
      [inForce, ...kept].some((key) => key.equals(old)),
      'the old key',
    ).toBe(true)
    expect(inForce.equals(old)).toBe(point !== 'rotate.replaced')
    const { from, to } = await rotateMasterKey(file, older, async () => {})
    expect(from).toBe(deriveKeys(inForce).keyId)
    expect(deriveKeys(await readMasterKey(file)).keyId).toBe(to)
    expect(await idsInOlder()).toEqual([...new Set([deriveKeys(old).keyId, from])].sort())
    expect(await readFile(file, 'utf8')).toMatch(/^[A-Za-z0-9+/=]{44}\n$/)
  },
)
