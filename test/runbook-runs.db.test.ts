import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ask, type Console, startConsole } from './support/console-users.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

let web: Console
let routes: typeof import('../app/api/v1/runbook-runs/route.ts')
let route: typeof import('../app/api/v1/runbook-runs/[id]/route.ts')
const databaseId = randomUUID()
const otherId = randomUUID()
let operator: string
let viewer: string
let foreigner: string

beforeAll(async () => {
  web = await startConsole()
  routes = await import('../app/api/v1/runbook-runs/route.ts')
  route = await import('../app/api/v1/runbook-runs/[id]/route.ts')
  for (const [id, name] of [
    [databaseId, 'shop'],
    [otherId, 'other'],
  ] as const)
    await web.catalog.insertInto('databases').values({ id, name, host: 'h', port: 5432, dbname: name, username: 'u' }).execute()
  operator = (await web.person('operator', 'ola@example.com')).cookie
  viewer = (await web.person('viewer', 'vi@example.com')).cookie
  foreigner = (await web.person('operator', 'fo@example.com', [otherId])).cookie
})
afterAll(() => web.close())

const begin = (cookie: string) => routes.POST(ask('POST', '/api/v1/runbook-runs', { cookie, body: { scenario: 'database', databaseId } }))
const change = (id: string, cookie: string, body: Record<string, unknown>) =>
  route.PATCH(ask('PATCH', `/api/v1/runbook-runs/${id}`, { cookie, body }), { params: Promise.resolve({ id }) })

test('a record says who did what when, with its evidence, and does not change once it has ended', async () => {
  const begun = await begin(operator)
  expect(begun.status).toBe(201)
  const { id } = (await begun.json()) as { id: string }
  const operation = await web.catalog
    .insertInto('operations')
    .values({
      kind: 'verify',
      title: 'Verify b',
      input: '{}',
      database_id: databaseId,
      requested_name: 'x',
      requested_via: 'cli',
      state: 'succeeded',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  expect((await change(id, operator, { change: 'done', step: 'stop_writing', note: 'release 42 rolled back' })).status).toBe(200)
  expect((await change(id, operator, { change: 'done', step: 'look' })).status).toBe(200)
  expect((await change(id, operator, { change: 'undone', step: 'look' })).status).toBe(200)
  await change(id, operator, { change: 'done', step: 'read_back', operationId: operation.id })
  const ended = (await (await change(id, operator, { change: 'ended', outcome: 'exercise', note: 'took an hour' })).json()) as Record<string, unknown>
  expect(ended).toMatchObject({
    outcome: 'exercise',
    note: 'took an hour',
    endedBy: 'ola@example.com',
    steps: [
      { step: 'stop_writing', doneBy: 'ola@example.com', note: 'release 42 rolled back', operation: null },
      { step: 'read_back', operation: { id: operation.id, state: 'succeeded' } },
    ],
  })
  expect((await change(id, operator, { change: 'undone', step: 'read_back' })).status).toBe(409)
  const audited = await web.catalog.selectFrom('audit').select('action').where('subject_id', '=', id).execute()
  expect(audited.map((row) => row.action)).toEqual([
    'runbook.begin',
    'runbook.done',
    'runbook.done',
    'runbook.undone',
    'runbook.done',
    'runbook.ended',
  ])
})

test('a viewer records nothing, and a record of a database that one may not see is not found', async () => {
  expect((await begin(viewer)).status).toBe(403)
  expect((await begin(foreigner)).status).toBe(404)
  const { id } = (await (await begin(operator)).json()) as { id: string }
  expect((await change(id, foreigner, { change: 'undone', step: 'look' })).status).toBe(404)
})
