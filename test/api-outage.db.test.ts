import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startCatalogServer, type StartedCatalogServer } from './support/catalog-server.ts'
import { ask, type Console, startConsole, testPassword } from './support/console-users.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

const overview = await import('../app/api/v1/overview/route.ts')
const session = await import('../app/api/v1/session/route.ts')
const ready = await import('../app/readyz/route.ts')

let server: StartedCatalogServer
let web: Console
beforeAll(async () => {
  server = await startCatalogServer()
  web = await startConsole(server.adminUrl)
})
afterAll(async () => {
  await web.close()
  await server.stop()
})

test('while the catalogue is down the web says so with 503, signs nobody out, and recovers by itself', async () => {
  const { cookie, email } = await web.person('viewer')
  const read = () => overview.GET(ask('GET', '/api/v1/overview', { cookie }))
  expect((await read()).status).toBe(200)

  await server.halt()
  const down = await read()
  expect(down.status).toBe(503)
  expect(await down.json()).toMatchObject({ code: 'unavailable', remedy: expect.stringContaining('go on') })
  expect((await ready.GET()).status).toBe(503)
  const signIn = await session.POST(ask('POST', '/api/v1/session', { body: { email, password: testPassword } }))
  expect(signIn.status).toBe(503)

  await server.goOn()
  expect((await read()).status).toBe(200)
  expect((await ready.GET()).status).toBe(200)
})
