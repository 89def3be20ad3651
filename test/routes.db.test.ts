import { globSync, readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { catalog } from '#lib/catalog/pool.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { allows, type Permission, type Role, roles } from '#lib/domain/permissions.ts'
import type { Handler } from '#lib/http/route.ts'
import { ask, type Console, startConsole } from './support/console-users.ts'
import { seeEverything } from './support/seen-of-everything.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

const root = path.join(import.meta.dirname, '..')
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

interface Found {
  url: string
  method: string
  handler: Handler
}

const files = globSync('app/**/route.ts', { cwd: root }).sort()
const found: Found[] = []
for (const file of files) {
  const module = (await import(path.join(root, file))) as Record<string, unknown>
  const url = `/${path
    .dirname(file)
    .replace(/^app\//, '')
    .replace(/\([^)]*\)\//g, '')}`
  for (const method of methods) {
    if (typeof module[method] === 'function') found.push({ url, method, handler: module[method] as Handler })
  }
}

/**
 * What each route needs, written down a second time on purpose: a route that asks for too little fails here, and a new one has to be
 * thought about twice. `anonymous` answers anybody by design and says nothing that needs protection.
 */
const needed: Record<string, Permission | 'anonymous'> = {
  'GET /healthz': 'anonymous',
  'GET /metrics': 'anonymous',
  'GET /readyz': 'anonymous',
  'GET /api/v1/alerts': 'catalog.read',
  'GET /api/v1/alerts/[id]': 'catalog.read',
  'GET /api/v1/channels': 'catalog.read',
  'POST /api/v1/channels': 'watch.write',
  'GET /api/v1/channels/[id]': 'catalog.read',
  'PATCH /api/v1/channels/[id]': 'watch.write',
  'DELETE /api/v1/channels/[id]': 'watch.write',
  'POST /api/v1/channels/[id]/pause': 'watch.write',
  'POST /api/v1/channels/[id]/resume': 'watch.write',
  'POST /api/v1/alerts/[id]/acknowledge': 'alert.answer',
  'POST /api/v1/alerts/[id]/silence': 'alert.answer',
  'POST /api/v1/channels/[id]/test': 'watch.write',
  'POST /api/v1/settings/heartbeat/test': 'watch.write',
  'GET /api/v1/checks': 'catalog.read',
  'GET /api/v1/checks/history': 'catalog.read',
  'GET /api/v1/native-backups': 'catalog.read',
  'GET /api/v1/watch': 'catalog.read',
  'GET /api/v1/backups': 'catalog.read',
  'POST /api/v1/backups': 'backup.run',
  'GET /api/v1/backups/[id]': 'catalog.read',
  'POST /api/v1/backups/[id]/holds': 'hold.place',
  'POST /api/v1/backups/[id]/look': 'backup.look',
  'GET /api/v1/backups/compare': 'catalog.read',
  'POST /api/v1/backups/verify': 'backup.verify',
  'GET /api/v1/ca-certificates': 'catalog.read',
  'POST /api/v1/ca-certificates': 'database.write',
  'POST /api/v1/clones': 'restore.plan',
  'POST /api/v1/copies': 'copy.run',
  'GET /api/v1/contacts': 'catalog.read',
  'POST /api/v1/contacts': 'watch.write',
  'PATCH /api/v1/contacts/[id]': 'watch.write',
  'DELETE /api/v1/contacts/[id]': 'watch.write',
  'GET /api/v1/settings/escalation': 'catalog.read',
  'PUT /api/v1/settings/escalation': 'watch.write',
  'GET /api/v1/settings/heartbeat': 'catalog.read',
  'PUT /api/v1/settings/heartbeat': 'watch.write',
  'DELETE /api/v1/settings/heartbeat': 'watch.write',
  'GET /api/v1/databases': 'catalog.read',
  'POST /api/v1/databases': 'database.write',
  'GET /api/v1/databases/[id]': 'catalog.read',
  'PATCH /api/v1/databases/[id]': 'database.write',
  'DELETE /api/v1/databases/[id]': 'database.write',
  'GET /api/v1/databases/[id]/kept': 'catalog.read',
  'POST /api/v1/databases/[id]/check': 'check.run',
  'POST /api/v1/databases/test': 'database.write',
  'POST /api/v1/holds/[id]/release': 'hold.release',
  'POST /api/v1/imports': 'import.run',
  'GET /api/v1/keys': 'catalog.read',
  'POST /api/v1/keys/rewrap': 'key.manage',
  'POST /api/v1/keys/[id]/retire': 'key.manage',
  'GET /api/v1/logs': 'catalog.read',
  'PUT /api/v1/settings/kms': 'key.manage',
  'DELETE /api/v1/settings/kms': 'key.manage',
  'GET /api/v1/openapi.json': 'catalog.read',
  'GET /api/v1/operations': 'catalog.read',
  'GET /api/v1/operations/[id]': 'catalog.read',
  'POST /api/v1/operations/[id]/approval': 'restore.approve',
  'POST /api/v1/operations/[id]/undo': 'restore.plan',
  'GET /api/v1/swaps': 'catalog.read',
  'POST /api/v1/operations/[id]/cancel': 'operation.cancel',
  'GET /api/v1/operations/[id]/events': 'catalog.read',
  'GET /api/v1/overview': 'catalog.read',
  'GET /api/v1/recovery-key': 'catalog.read',
  'POST /api/v1/recovery-key': 'key.manage',
  'POST /api/v1/recovery-key/confirm': 'key.manage',
  'GET /api/v1/reports': 'catalog.read',
  'POST /api/v1/restores': 'restore.plan',
  'GET /api/v1/retention': 'catalog.read',
  'POST /api/v1/retention/duties': 'retention.write',
  'DELETE /api/v1/retention/duties/[id]': 'retention.write',
  'GET /api/v1/retention/kept': 'catalog.read',
  'POST /api/v1/retention/resume': 'retention.write',
  'PUT /api/v1/retention/rules': 'retention.write',
  'DELETE /api/v1/retention/rules/[id]': 'retention.write',
  'PUT /api/v1/retention/settings': 'retention.write',
  'POST /api/v1/retention/simulate': 'catalog.read',
  'GET /api/v1/runbook-runs': 'catalog.read',
  'POST /api/v1/runbook-runs': 'runbook.record',
  'GET /api/v1/runbook-runs/[id]': 'catalog.read',
  'PATCH /api/v1/runbook-runs/[id]': 'runbook.record',
  'GET /api/v1/search': 'catalog.read',
  'GET /api/v1/session': 'catalog.read',
  'POST /api/v1/session': 'anonymous',
  'DELETE /api/v1/session': 'catalog.read',
  'POST /api/v1/session/confirm': 'catalog.read',
  'POST /api/v1/session/password': 'catalog.read',
  'GET /api/v1/settings/approvals': 'catalog.read',
  'PUT /api/v1/settings/approvals': 'people.manage',
  'GET /api/v1/settings/imports': 'catalog.read',
  'PUT /api/v1/settings/imports': 'import.run',
  'GET /api/v1/settings/verification': 'catalog.read',
  'PUT /api/v1/settings/verification': 'storage.write',
  'POST /api/v1/setup': 'anonymous',
  'GET /api/v1/storages': 'catalog.read',
  'POST /api/v1/storages': 'storage.write',
  'GET /api/v1/storages/[id]': 'catalog.read',
  'PATCH /api/v1/storages/[id]': 'storage.write',
  'DELETE /api/v1/storages/[id]': 'storage.write',
  'POST /api/v1/storages/[id]/check': 'check.run',
  'POST /api/v1/storages/[id]/drift': 'storage.reconcile',
  'POST /api/v1/storages/[id]/reconcile': 'storage.reconcile',
  'POST /api/v1/storages/test': 'storage.write',
  'GET /api/v1/users': 'people.manage',
  'POST /api/v1/users': 'people.manage',
  'PATCH /api/v1/users/[id]': 'people.manage',
  'DELETE /api/v1/users/[id]': 'people.manage',
  'POST /api/v1/users/[id]/password-link': 'people.manage',
  'POST /api/v1/prunes': 'prune.run',
  'GET /api/v1/schedules': 'catalog.read',
  'POST /api/v1/schedules': 'schedule.write',
  'GET /api/v1/schedules/preview': 'catalog.read',
  'GET /api/v1/schedules/[id]': 'catalog.read',
  'PATCH /api/v1/schedules/[id]': 'schedule.write',
  'DELETE /api/v1/schedules/[id]': 'schedule.write',
  'POST /api/v1/schedules/[id]/pause': 'schedule.write',
  'POST /api/v1/schedules/[id]/resume': 'schedule.write',
  'POST /api/v1/databases/[id]/standard-plan': 'schedule.write',
  'GET /api/v1/workers': 'catalog.read',
}

/** Bodies that pass the input check, so that what comes after the role is reached too. */
const ids = {
  database: randomUUID(),
  foreign: randomUUID(),
  storage: randomUUID(),
  backup: randomUUID(),
  foreignBackup: randomUUID(),
  operation: randomUUID(),
  foreignOperation: randomUUID(),
  schedule: randomUUID(),
  foreignSchedule: randomUUID(),
  alert: randomUUID(),
  foreignAlert: randomUUID(),
}
const connection = { host: 'db.example.com', port: 5432, dbname: 'd', username: 'u', password: 'canary-password', sslMode: 'verify-full' }
const storage = { kind: 's3', name: 'b', bucket: 'bucket', accessKeyId: 'canary-access', secretAccessKey: 'canary-secret' }
const bodies: Record<string, unknown> = {
  'POST /api/v1/contacts': { level: 'dba', name: 'Ada', email: 'ada@example.com' },
  'PATCH /api/v1/contacts/[id]': { level: 'dba', name: 'Ada', email: 'ada@example.com' },
  'PUT /api/v1/settings/heartbeat': { url: 'https://beat.example.com/canary-token' },
  'POST /api/v1/alerts/[id]/acknowledge': { note: 'on it' },
  'POST /api/v1/alerts/[id]/silence': { minutes: 60, reason: 'known' },
  'POST /api/v1/channels': { kind: 'webhook', name: 'hook', url: 'https://hook.example.com/canary-token' },
  'POST /api/v1/databases': { name: 'new', ...connection },
  'POST /api/v1/databases/test': connection,
  'PATCH /api/v1/databases/[id]': { name: 'renamed' },
  'POST /api/v1/storages': storage,
  'POST /api/v1/storages/test': storage,
  'POST /api/v1/backups': { databaseId: ids.database },
  'POST /api/v1/backups/verify': { backupIds: [ids.backup] },
  'POST /api/v1/backups/[id]/holds': { reason: 'why' },
  'POST /api/v1/holds/[id]/release': { reason: 'why' },
  'POST /api/v1/backups/[id]/look': { verdict: 'fine' },
  'POST /api/v1/prunes': { storageId: ids.storage, dryRun: true },
  'POST /api/v1/schedules': { databaseId: ids.foreign, tier: 'daily', cron: '0 3 * * *' },
  'PATCH /api/v1/schedules/[id]': { cron: '0 4 * * 1' },
  'POST /api/v1/retention/duties': { name: 'SOX', tag: 'ledger', tier: 'monthly', keep: { unit: 'years', count: 7 } },
  'PUT /api/v1/retention/rules': { tier: 'daily', keep: { unit: 'days', count: 31 } },
  'POST /api/v1/retention/simulate': { rules: [{ tier: 'daily', keep: { unit: 'days', count: 31 } }] },
  'PUT /api/v1/retention/settings': { deletionsPerRun: 100 },
  'POST /api/v1/restores': { backupId: ids.backup, targetDbname: 'again', dryRun: true },
  'POST /api/v1/runbook-runs': { scenario: 'database', databaseId: ids.database },
  'PATCH /api/v1/runbook-runs/[id]': { change: 'undone', step: 'look' },
  'POST /api/v1/copies': { backupId: ids.backup, storageId: ids.storage },
  'POST /api/v1/clones': { databaseId: ids.database, targetDbname: 'cloned', dryRun: true },
  'POST /api/v1/recovery-key': { publicPem: 'x', checkSha256: 'x' },
  'POST /api/v1/recovery-key/confirm': { code: '00000000' },
  'POST /api/v1/users': { email: 'guest@example.com', role: 'viewer' },
  'PATCH /api/v1/users/[id]': {},
  'PATCH /api/v1/storages/[id]': { accessKeyId: 'canary-access', secretAccessKey: 'canary-secret' },
  'POST /api/v1/session/confirm': { password: 'canary-wrong' },
  'POST /api/v1/operations/[id]/approval': { approval: 'given' },
  'POST /api/v1/operations/[id]/undo': { act: 'swap_back', dryRun: true },
  'PUT /api/v1/settings/approvals': { required: false },
  'PUT /api/v1/settings/imports': { enabled: false },
  'POST /api/v1/imports': { databaseId: ids.database, file: 'backup.sql.gz', dryRun: true },
  'PUT /api/v1/settings/verification': { fullDays: 30, bytesPerDay: null, bytesPerSecond: null },
  'POST /api/v1/storages/[id]/drift': { action: 'adopt', kind: 'unknown_backup', path: 'nothing-of-the-kind' },
  'POST /api/v1/session/password': { current: 'canary-wrong', next: 'canary-password-next' },
}

let web: Console
const cookies: Record<string, string> = {}

beforeAll(async () => {
  web = await startConsole()
  const db = web.catalog
  for (const [id, name] of [
    [ids.database, 'ours'],
    [ids.foreign, 'theirs'],
  ] as const) {
    await db
      .insertInto('databases')
      .values({ id, name, host: '127.0.0.1', port: 5432, dbname: name, username: 'u', password_sealed: 'canary-sealed', ssl_mode: 'disable' })
      .execute()
  }
  await db
    .insertInto('storages')
    .values({ id: ids.storage, name: 'disk', kind: 'local', config: JSON.stringify({ path: '/tmp/x' }), secret_sealed: 'canary-sealed' })
    .execute()
  for (const [id, database_id] of [
    [ids.backup, ids.database],
    [ids.foreignBackup, ids.foreign],
  ] as const) {
    await db
      .insertInto('backups')
      .values({ id, name: 'b', path: id, database_id, tier: 'manual', attempt: '00000000', created_at: new Date(), finished_at: new Date() })
      .execute()
    await db.insertInto('copies').values({ backup_id: id, storage_id: ids.storage, state: 'verified' }).execute()
  }
  for (const [id, database_id] of [
    [ids.operation, ids.database],
    [ids.foreignOperation, ids.foreign],
  ] as const) {
    const input = JSON.stringify({ of: 'new_database', passwordSealed: 'canary-sealed' })
    await db
      .insertInto('operations')
      .values({ id, kind: 'check', title: 'Check', input, database_id, requested_name: 'x', requested_via: 'cli', state: 'succeeded' })
      .execute()
  }
  for (const [id, database_id] of [
    [ids.schedule, ids.database],
    [ids.foreignSchedule, ids.foreign],
  ] as const) {
    await db.insertInto('schedules').values({ id, database_id, tier: 'weekly', cron: '0 1 * * 0' }).execute()
  }
  for (const [id, database_id] of [
    [ids.alert, ids.database],
    [ids.foreignAlert, ids.foreign],
  ] as const) {
    const at = new Date()
    const alert = {
      id,
      kind: 'certificate' as const,
      subject: database_id,
      subject_name: '',
      database_id,
      severity: 'warning' as const,
      words: 'It ends soon.',
    }
    await db
      .insertInto('alerts')
      .values({ ...alert, opened_at: at, since: at, seen_at: at })
      .execute()
  }
  for (const role of roles) cookies[role] = (await web.person(role)).cookie
  cookies.limited = (await web.person('operator', 'limited@example.com', [ids.database])).cookie
})
afterAll(() => web.close())

function call({ url, method, handler }: Found, who: string | null, id: string, headers: Record<string, string> = {}): Promise<Response> {
  const key = `${method} ${url}`
  const query = url.endsWith('/compare')
    ? `?one=${id}&other=${id}`
    : url.endsWith('/preview')
      ? '?cron=0+3+*+*+*'
      : url.endsWith('/history')
        ? '?kind=workers'
        : ''
  const cookie = who === null ? undefined : cookies[who]
  const request = ask(method, url.replace('[id]', id) + query, {
    ...(cookie === undefined ? {} : { cookie }),
    ...(method === 'GET' || method === 'DELETE' ? {} : { body: bodies[key] ?? {} }),
    headers,
  })
  return handler(request, { params: Promise.resolve({ id }) })
}

const named = found.map((one) => [`${one.method} ${one.url}`, one] as const)
const guarded = named.filter(([name]) => needed[name] !== 'anonymous')

test('the walk sees every route, and each asks for what the table says', () => {
  const seen = Object.fromEntries(named.map(([name, one]) => [name, one.handler.api?.permission ?? 'anonymous']))
  expect(seen).toEqual(needed)
})

/** A layout does not protect a page: Next renders pages without it when a person moves between them. */
test('every page of the console asks who is there, and nothing runs as a server action', () => {
  const pages = globSync('app/(console)/**/page.tsx', { cwd: root })
  expect(pages.length).toBeGreaterThan(8)
  for (const page of pages) expect(readFileSync(path.join(root, page), 'utf8'), page).toMatch(/await requireActor\(\)/)
  const sources = globSync('{app,components,lib}/**/*.{ts,tsx}', { cwd: root })
  expect(sources.length).toBeGreaterThan(100)
  for (const source of sources) expect(readFileSync(path.join(root, source), 'utf8'), source).not.toMatch(/^\s*['"]use server['"]/m)
})

/** would end the sessions that the other tests use */
const signsOut = 'DELETE /api/v1/session'

describe.each(guarded)('%s', (name, one) => {
  // ids that name nothing: the matrix is about roles, and nothing is destroyed for the next route
  const nothing = randomUUID()

  test('refuses whoever is not signed in', async () => {
    const response = await call(one, null, nothing)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' })
  })

  test.each(roles)('answers the role %s as the permission table says', async (role: Role) => {
    if (name === signsOut) return
    const response = await call(one, role, nothing)
    const allowed = allows(role, needed[name] as Permission)
    if (allowed) expect([401, 403]).not.toContain(response.status)
    else expect(response.status).toBe(403)
    await response.body?.cancel()
  })

  if (one.method !== 'GET') {
    test.each([
      ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
      ['a sibling of our site', { 'sec-fetch-site': 'same-site', origin: 'http://sibling.127.0.0.1:3000' }],
      ['Origin null', { origin: 'null' }],
      ['Origin null that claims to be same-origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
      ['another port', { origin: 'http://127.0.0.1:3001' }],
      ['a typed address', { 'sec-fetch-site': 'none' }],
      ['neither header', { origin: '' }],
    ])('refuses a request from %s', async (_from, headers: Record<string, string>) => {
      const response = await call(one, 'admin', nothing, headers)
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'cross_origin' })
    })
  }

  test('never answers with a secret', async () => {
    if (name === signsOut) return
    const response = await call(
      one,
      'viewer',
      one.url.includes('/operations/') ? ids.operation : one.url.includes('/backups/') ? ids.backup : ids.database,
    )
    if (response.headers.get('content-type') === 'text/event-stream') return response.body?.cancel()
    expect(await response.text()).not.toContain('canary')
    expect(response.headers.get('cache-control')).toContain('no-store')
  })
})

function foreignId(url: string): string {
  if (url.includes('operations')) return ids.foreignOperation
  if (url.includes('schedules')) return ids.foreignSchedule
  if (url.includes('alerts')) return ids.foreignAlert
  return url.includes('backups') ? ids.foreignBackup : ids.foreign
}

describe('a person who may see one database', () => {
  beforeAll(() => seeEverything(web.catalog, 'theirs'))

  const withId = named.filter(([, one]) => one.url.includes('[id]') && !one.url.includes('storages') && !one.url.includes('users'))

  test.each(withId.filter(([, one]) => allows('operator', one.handler.api.permission as Permission)))(
    '%s: the other database is not there',
    async (_name, one) => {
      const foreign = foreignId(one.url)
      const response = await call(one, 'limited', foreign)
      expect(response.status).toBe(404)
      expect(await response.text()).not.toContain('theirs')
    },
  )

  test.each(named.filter(([, one]) => one.method === 'GET' && !one.url.includes('[id]') && one.url.startsWith('/api/')))(
    '%s does not mention the other database',
    async (name, one) => {
      const response = await call(one, 'limited', ids.foreignBackup)
      const text = await response.text()
      if (name.endsWith('/compare')) expect(response.status).toBe(404)
      for (const hidden of ['theirs', ids.foreign, ids.foreignOperation]) expect(text).not.toContain(hidden)
    },
  )

  test('is told that no heartbeat is sent, and not what of: the reason is in the words of a check of everything', async () => {
    const read = async (who: string) => {
      const handler = found.find((one) => one.url === '/api/v1/settings/heartbeat' && one.method === 'GET')?.handler
      return (await handler?.(ask('GET', '/api/v1/settings/heartbeat', { cookie: cookies[who] ?? '' })))?.json()
    }
    expect(await read('viewer')).toMatchObject({ host: 'beat.example.com', withheld: expect.stringContaining('certificate of theirs') })
    expect(await read('limited')).toMatchObject({ host: 'beat.example.com', withheld: expect.stringContaining('None is sent now, on purpose') })
  })

  test('cannot back up, verify or restore the other one', async () => {
    const post = async (url: string, body: unknown) => {
      const handler = found.find((one) => one.url === url && one.method === 'POST')?.handler
      return (await handler?.(ask('POST', url, { cookie: cookies.limited ?? '', body })))?.status
    }
    expect(await post('/api/v1/backups', { databaseId: ids.foreign })).toBe(404)
    expect(await post('/api/v1/backups/verify', { backupIds: [ids.backup, ids.foreignBackup] })).toBe(404)
    expect(await post('/api/v1/restores', { backupId: ids.foreignBackup, targetDbname: 'again', dryRun: true })).toBe(404)
    expect(await post('/api/v1/clones', { databaseId: ids.foreign, targetDbname: 'again', dryRun: true })).toBe(404)
    expect(await post('/api/v1/clones', { databaseId: ids.database, serverDatabaseId: ids.foreign, targetDbname: 'again', dryRun: true })).toBe(404)
    const verifies = await web.catalog
      .selectFrom('operations')
      .select('id')
      .where('kind', '=', 'verify')
      .where('requested_name', '=', 'limited@example.com')
      .execute()
    expect(verifies).toEqual([])
  })
})

test('a clone onto another server needs an admin; its dry run, and one beside the source, do not', async () => {
  const handler = found.find((one) => one.url === '/api/v1/clones')?.handler
  const status = async (who: string, body: Record<string, unknown>) =>
    (await handler?.(ask('POST', '/api/v1/clones', { cookie: cookies[who] ?? '', body: { databaseId: ids.database, dryRun: false, ...body } })))
      ?.status
  const elsewhere = { serverDatabaseId: ids.foreign, targetDbname: 'cloned_there' }
  expect(await status('viewer', { ...elsewhere, dryRun: true })).toBe(403)
  expect(await status('operator', elsewhere)).toBe(403)
  expect(await status('operator', { ...elsewhere, dryRun: true })).toBe(202)
  expect(await status('operator', { targetDbname: 'cloned_here' })).toBe(202)
  expect(await status('operator', { targetDbname: 'cloned_here' })).toBe(409)
  expect(await status('admin', elsewhere)).toBe(202)
})

test('a restore onto another server needs an admin; its dry run does not', async () => {
  const handler = found.find((one) => one.url === '/api/v1/restores')?.handler
  const body = { backupId: ids.backup, targetDbname: 'again', serverDatabaseId: ids.foreign }
  const status = async (who: string, dryRun: boolean) => {
    const request = ask('POST', '/api/v1/restores', { cookie: cookies[who] ?? '', body: { ...body, dryRun } })
    return (await handler?.(request))?.status
  }
  expect(await status('viewer', true)).toBe(403)
  expect(await status('operator', false)).toBe(403)
  expect(await status('operator', true)).toBe(202)
  expect(await status('limited', true)).toBe(404)
  expect(await status('admin', false)).toBe(202)
})

test('refused attempts stand in the audit trail, and its chain holds', async () => {
  const handler = found.find((one) => one.url === '/api/v1/users' && one.method === 'POST')?.handler
  await handler?.(
    ask('POST', '/api/v1/users', {
      cookie: cookies.viewer ?? '',
      body: { email: 'a@b.example', role: 'admin' },
      headers: { 'x-lifeboat-peer': '203.0.113.7' },
    }),
  )
  await handler?.(
    ask('POST', '/api/v1/users', {
      cookie: cookies.admin ?? '',
      body: {},
      headers: { origin: 'https://evil.example', 'x-lifeboat-peer': '203.0.113.7' },
    }),
  )
  const denied = await web.catalog.selectFrom('audit').selectAll().where('action', '=', 'request.denied').orderBy('seq', 'desc').limit(2).execute()
  expect(denied.map((row) => [row.outcome, row.detail.code])).toEqual([
    ['denied', 'cross_origin'],
    ['denied', 'forbidden'],
  ])
  expect(await verifyAudit(web.catalog, web.auditKey)).toMatchObject({ ok: true })
})

test('openapi.json describes every route under /api/v1', async () => {
  const { routes } = await import('../app/api/v1/routes.ts')
  const here = found.filter((one) => one.url.startsWith('/api/v1/') && !one.url.endsWith('openapi.json'))
  const described = Object.entries(routes).flatMap(([url, handlers]) => Object.keys(handlers).map((method) => `${method} /api/v1${url}`))
  expect(described.sort()).toEqual(here.map((one) => `${one.method} ${one.url.replaceAll(/\[(\w+)\]/g, '{$1}')}`).sort())
})

test('the catalogue of the web is the one of this test', async () => {
  expect((await catalog().selectFrom('databases').select('id').where('id', '=', ids.database).execute()).length).toBe(1)
})
