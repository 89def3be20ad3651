import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withAdmin } from '#test/support/admin.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { appendAudit, type AuditHead, auditHead, auditKeyId, auditKeys, verifyAudit } from './audit.ts'
import { readAuditHead, recordAuditHead } from './audit-head.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

async function appendFive(): Promise<AuditHead> {
  for (let n = 1; n <= 5; n += 1) {
    await appendAudit(it.catalog, it.auditKey, {
      actorKind: 'user',
      actorName: 'Ann',
      action: `act.${n}`,
      outcome: n === 3 ? 'denied' : 'done',
      detail: { z: n, a: { nested: [1, undefined, 'é'] } },
    })
  }
  const head = await auditHead(it.catalog)
  if (head === null) throw new Error('the trail is empty')
  return head
}

/** As somebody who owns the catalogue and has switched the trigger off. */
async function attack(statement: string): Promise<void> {
  await withAdmin(it.url, (admin) => admin.query(`SET session_replication_role = replica; ${statement}`))
}

test('an untouched trail verifies, denied attempts included', async () => {
  const head = await appendFive()
  expect(head.seq).toBe(5)
  expect(await verifyAudit(it.catalog, it.auditKey, head)).toEqual({ ok: true, rows: 5 })
})

test.each([
  ['edited', `UPDATE lifeboat.audit SET detail = '{"z": 99}' WHERE seq = 2`, 2],
  ['back-dated', `UPDATE lifeboat.audit SET at = at - interval '1 hour' WHERE seq = 4`, 4],
  ['removed', 'DELETE FROM lifeboat.audit WHERE seq = 3', 3],
  ['exchanged', 'UPDATE lifeboat.audit SET seq = 9 - seq + 100 WHERE seq IN (4, 5); UPDATE lifeboat.audit SET seq = seq - 100 WHERE seq > 100', 4],
  ['removed and renumbered', 'DELETE FROM lifeboat.audit WHERE seq = 2; UPDATE lifeboat.audit SET seq = seq - 1 WHERE seq > 2', 2],
])('a row that was %s is named', async (_what, statement, seq) => {
  await appendFive()
  await attack(statement)
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: false, badSeq: seq })
})

test('rows cut off the end are missed only without the recorded head', async () => {
  const head = await appendFive()
  await attack('DELETE FROM lifeboat.audit WHERE seq > 3')
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: true })
  expect(await verifyAudit(it.catalog, it.auditKey, head)).toMatchObject({ ok: false, badSeq: 4 })
})

test('a chain rebuilt with another key does not verify, and one rebuilt with the key differs from the recorded head', async () => {
  const head = await appendFive()
  await attack('DELETE FROM lifeboat.audit')
  const other = Buffer.alloc(32, 9)
  await appendAudit(it.catalog, other, { actorKind: 'system', actorName: 'forger', action: 'nothing.happened', outcome: 'done' })
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: false, badSeq: 1 })
  await attack('DELETE FROM lifeboat.audit')
  await appendFive()
  expect(await verifyAudit(it.catalog, it.auditKey, head)).toMatchObject({ ok: false, badSeq: 5 })
})

test('rows of a process that came without the shared key are called unknown, not edited, and the key is named', async () => {
  await appendFive()
  const other = Buffer.alloc(32, 9)
  await appendAudit(it.catalog, other, { actorKind: 'worker', actorName: 'another machine', action: 'operation.finish', outcome: 'done' })
  await appendAudit(it.catalog, it.auditKey, { actorKind: 'user', actorName: 'Ann', action: 'act.7', outcome: 'done' })
  const verdict = await verifyAudit(it.catalog, it.auditKey)
  expect(verdict).toMatchObject({ ok: false, badSeq: 6, problem: expect.stringContaining('another key') })
  expect(await auditKeys(it.catalog)).toEqual([
    { keyId: auditKeyId(it.auditKey), firstSeq: 1 },
    { keyId: auditKeyId(other), firstSeq: 6 },
  ])
  // naming another key does not make an edited row pass
  await attack(`DELETE FROM lifeboat.audit WHERE seq > 5; UPDATE lifeboat.audit SET action = 'x', key_id = 'ffffffffffffffff' WHERE seq = 4`)
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: false, badSeq: 4 })
})

test('the application may append and read, and nothing else; the owner trips over the trigger', async () => {
  await appendFive()
  await expect(it.catalog.updateTable('audit').set({ action: 'x' }).execute()).rejects.toThrow(/permission denied/)
  await expect(it.catalog.deleteFrom('audit').execute()).rejects.toThrow(/permission denied/)
  await expect(withAdmin(it.url, (admin) => admin.query('TRUNCATE lifeboat.audit'))).rejects.toThrow(/append-only/)
  await expect(withAdmin(it.url, (admin) => admin.query('DELETE FROM lifeboat.audit'))).rejects.toThrow(/append-only/)
  expect(await verifyAudit(it.catalog, it.auditKey)).toEqual({ ok: true, rows: 5 })
})

test('forty appends at once leave no gap and no fork', async () => {
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      appendAudit(it.catalog, it.auditKey, { actorKind: 'cli', actorName: 'Bo', action: `act.${n}`, outcome: 'done' }),
    ),
  )
  expect(await verifyAudit(it.catalog, it.auditKey, await auditHead(it.catalog))).toEqual({ ok: true, rows: 40 })
})

test('an act that is rolled back leaves no row and no gap', async () => {
  const failing = it.catalog.transaction().execute(async (trx) => {
    await appendAudit(trx, it.auditKey, { actorKind: 'system', actorName: 'x', action: 'lost', outcome: 'attempted' })
    throw new Error('changed its mind')
  })
  await expect(failing).rejects.toThrow('changed its mind')
  expect((await appendFive()).seq).toBe(5)
})

test('the recorded head goes forward and never back', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'lifeboat-head-'))
  const file = path.join(dir, 'audit.head')
  try {
    await recordAuditHead(it.catalog, file)
    expect(readAuditHead(file)).toBeNull()
    const head = await appendFive()
    await recordAuditHead(it.catalog, file)
    expect(readAuditHead(file)).toEqual(head)
    await attack('DELETE FROM lifeboat.audit WHERE seq > 2')
    await recordAuditHead(it.catalog, file)
    expect(readAuditHead(file)).toEqual(head)
    expect(await verifyAudit(it.catalog, it.auditKey, readAuditHead(file))).toMatchObject({ ok: false, badSeq: 3 })
  } finally {
    rmSync(dir, { recursive: true })
  }
})
