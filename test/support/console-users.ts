import { type KeyObject, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { closeAuth } from '#lib/auth/auth.ts'
import { createPerson } from '#lib/auth/people.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { catalog } from '#lib/catalog/pool.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { forgetEnv } from '#lib/env.ts'
import type { Handler } from '#lib/http/route.ts'
import { createTestCatalog, createTestCatalogOn, type TestCatalog } from './catalog.ts'

export const testOrigin = 'http://127.0.0.1:3000'
export const testPassword = 'correct horse battery'

export interface Console extends TestCatalog {
  /** makes a person and returns the cookie of a session */
  person(role: Role, email?: string, databaseIds?: string[]): Promise<{ id: string; cookie: string; email: string }>
  /** signs a person in again and returns the cookie */
  signIn(email: string): Promise<string>
}

/** `adminUrl`: a server of the test's own, for tests that stop it. The web's view of a catalogue of its own: DATABASE_URL, keys in a directory of their own, and people who are signed in. */
export async function startConsole(adminUrl?: string): Promise<Console> {
  const test = await (adminUrl === undefined ? createTestCatalog() : createTestCatalogOn(adminUrl))
  const home = mkdtempSync(path.join(tmpdir(), 'lifeboat-web-'))
  process.env.DATABASE_URL = test.url
  process.env.LIFEBOAT_HOME = home
  process.env.LOG_LEVEL = 'silent'
  delete process.env.LIFEBOAT_URL
  forgetEnv()
  let people = 0
  const cookieOf = async (email: string) => {
    const cookies = await signIn(test.catalog, new Headers(), { email, password: testPassword })
    return cookies.map((one) => one.split(';')[0]).join('; ')
  }
  return {
    ...test,
    async person(role, email = `${role}${(people += 1)}@example.com`, databaseIds) {
      const { id } = await createPerson({ email, name: email, password: testPassword, role })
      if (databaseIds !== undefined) {
        await test.catalog
          .insertInto('user_databases')
          .values(databaseIds.map((database_id) => ({ user_id: id, database_id })))
          .execute()
      }
      return { id, email, cookie: await cookieOf(email) }
    },
    signIn: cookieOf,
    async close() {
      await closeAuth()
      await catalog().destroy()
      await test.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** A request as our own pages send it. */
export function ask(
  method: string,
  pathAndQuery: string,
  options: { cookie?: string; body?: unknown; headers?: Record<string, string> } = {},
): Request {
  const headers = new Headers({ host: '127.0.0.1:3000', 'x-lifeboat-peer': '127.0.0.1', ...options.headers })
  if (options.cookie !== undefined) headers.set('cookie', options.cookie)
  if (method !== 'GET' && options.headers?.['sec-fetch-site'] === undefined && options.headers?.origin === undefined) {
    headers.set('sec-fetch-site', 'same-origin')
    headers.set('origin', testOrigin)
  }
  const init: RequestInit = { method, headers }
  if (options.body !== undefined) {
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    init.body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
  }
  return new Request(testOrigin + pathAndQuery, init)
}

/** A worker that lives by its row alone: what people type is sealed to its key. */
export async function addWorkerRow(catalog: TestCatalog['catalog'], sealing: KeyObject, storageIds: string[] = []): Promise<void> {
  const [id, sealing_key] = [randomUUID(), sealing.export({ type: 'spki', format: 'pem' }).toString()]
  const row = { id, host: 'h', pid: 1, version: '1', schema_version: 'x', tool_majors: [15], key_ids: [], storage_ids: storageIds, sealing_key }
  await catalog.insertInto('workers').values(row).execute()
}

type Routes = Record<string, Record<string, Handler>>
export type SendOptions = Parameters<typeof ask>[2] & { params?: Record<string, string> }

/** Sends to the handler of a template such as `/users/{id}`, as our own pages do. */
export function sender(routes: Routes) {
  return (method: string, template: string, options: SendOptions = {}): Promise<Response> => {
    const handler = routes[template]?.[method]
    if (handler === undefined) throw new Error(`there is no ${method} ${template}`)
    const url = `/api/v1${template.replace(/\{(\w+)\}/g, (_all, name: string) => options.params?.[name] ?? '')}`
    return handler(ask(method, url, options), { params: Promise.resolve(options.params ?? {}) })
  }
}
