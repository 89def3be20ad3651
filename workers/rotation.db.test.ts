import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readOrMakeAuditKey } from '#lib/catalog/audit-key.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { getDatabase, insertDatabase } from '#lib/catalog/databases.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { parseMasterKey } from '#lib/engine/seal/key-file.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { openSecret } from '#lib/secrets/open.ts'
import { ownCatalogueId } from '#lib/domain/own-catalogue.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { eventually } from '#test/support/eventually.ts'

// The machine that holds the key: its worker runs on while the command line rotates.
let it: TestCatalog
let home: string
beforeAll(async () => {
  it = await createTestCatalog()
  home = mkdtempSync(path.join(tmpdir(), 'lifeboat-rotation-'))
})
afterAll(async () => {
  await it.close()
  rmSync(home, { recursive: true, force: true })
})

function start(program: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, program, {
    cwd: path.join(import.meta.dirname, '..'),
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH ?? '',
      LIFEBOAT_ROOT: home,
      LIFEBOAT_HOME: home,
      DATABASE_URL: it.url,
      LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (part: Buffer) => (said += part.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }))
  return { child, ended }
}
const lifeboat = async (args: string[], env: Record<string, string> = {}) => {
  const { code, said } = await start([path.join(import.meta.dirname, 'cli/main.ts'), ...args, '--json'], env).ended
  return { code, json: JSON.parse(said) as Record<string, Record<string, unknown>> }
}
const masterOf = (file: string) => deriveKeys(parseMasterKey(readFileSync(path.join(home, 'keys', file), 'utf8')))

test('rotating under a running worker: it takes the new key into use and keeps the old, passwords follow, and nothing is said of the key itself', async () => {
  const worker = start([path.join(import.meta.dirname, 'main.ts')])
  try {
    await eventually(async () => (await listLiveWorkers(it.catalog))[0]?.key_ids.length === 1)
    // the worker registers the catalogue: its password is sealed too
    await eventually(async () => (await getDatabase(it.catalog, ownCatalogueId)) !== null)
    const old = masterOf('lifeboat.key')
    const id = randomUUID()
    const password_sealed = sealSecret('canary-of-rotation', old.sealing.publicKeyPem, passwordPlace(id))
    await insertDatabase(it.catalog, { id, name: 'shop', host: '127.0.0.1', port: 1, dbname: 'shop', username: 'u', password_sealed })

    const { code, json } = await lifeboat(['key', 'rotate', '--yes'])
    expect([code, json.key]).toMatchObject([0, { from: old.keyId, waitingFor: [], resealed: 2, unopened: [] }])
    const next = masterOf('lifeboat.key')
    expect(json.key?.to).toBe(next.keyId)
    expect(JSON.stringify(json)).not.toContain(readFileSync(path.join(home, 'keys', 'lifeboat.key'), 'utf8').trim())
    expect(readdirSync(path.join(home, 'keys', 'older'))).toEqual([`${old.keyId}.key`])
    expect((await listLiveWorkers(it.catalog))[0]).toMatchObject({ key_ids: [next.keyId, old.keyId], sealing_key: next.sealing.publicKeyPem })
    expect(openSecret((await getDatabase(it.catalog, id))?.password_sealed ?? '', next.sealing.privateKey, passwordPlace(id))).toBe(
      'canary-of-rotation',
    )

    const listed = await lifeboat(['key', 'list'])
    expect(listed.json.keys).toMatchObject([
      { id: next.keyId, purpose: 'active', lost: false },
      { id: old.keyId, purpose: 'older', copies: 0 },
    ])
    expect((await lifeboat(['key', 'retire', next.keyId, '--yes'])).code).not.toBe(0)
    expect(await lifeboat(['key', 'retire', old.keyId, '--yes'])).toMatchObject({ code: 0 })
    const acts = await it.catalog.selectFrom('audit').select(['action', 'subject_id']).where('action', 'like', 'key.%').orderBy('seq').execute()
    expect(acts).toEqual([
      { action: 'key.rotate', subject_id: next.keyId },
      { action: 'key.retire', subject_id: old.keyId },
    ])
    const auditKey = readOrMakeAuditKey(path.join(home, 'keys', 'audit.key'))
    expect(await verifyAudit(it.catalog, auditKey), 'the chain is sealed by the same key before and after').toMatchObject({ ok: true })
  } finally {
    worker.child.kill('SIGTERM')
    await worker.ended
  }
})

test('with the key in the environment nothing is rotated, and what to do is said', async () => {
  const before = readFileSync(path.join(home, 'keys', 'lifeboat.key'), 'utf8')
  const { code, json } = await lifeboat(['key', 'rotate', '--yes'], { LIFEBOAT_KEY: Buffer.alloc(32, 5).toString('base64') })
  expect(code).not.toBe(0)
  expect(json.error).toMatchObject({ code: 'refused', hint: expect.stringContaining('LIFEBOAT_OLD_KEYS') })
  expect(readFileSync(path.join(home, 'keys', 'lifeboat.key'), 'utf8')).toBe(before)
})

test('older keys from the environment open what they sealed', async () => {
  const [now, before] = [Buffer.alloc(32, 5), Buffer.alloc(32, 6)]
  const keys = { LIFEBOAT_KEY: now.toString('base64'), LIFEBOAT_OLD_KEYS: before.toString('base64') }
  const { json } = await lifeboat(['key', 'show'], keys)
  expect(json.key).toMatchObject({ keyId: deriveKeys(now).keyId, older: expect.arrayContaining([deriveKeys(before).keyId]) })
})
