import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { assertConfirmed } from '#lib/auth/confirm-password.ts'
import { currentActor, type Person } from '#lib/auth/current-actor.ts'
import { catalog } from '#lib/catalog/pool.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, type Permission, reasonDenied } from '#lib/domain/permissions.ts'
import { json } from './answers.ts'
import { auditDenied } from './audit-denied.ts'
import { answerHeaders, problemOf, statusOf } from './problem.ts'
import { readBody } from './read-body.ts'
import { isSameOrigin, unsafeMethods } from './same-origin.ts'

/** `anonymous`: whoever asks; only for signing in, setting up and health. */
export type Access = Permission | 'anonymous'

export interface Route<Needed extends Access, Input extends z.ZodType, Query extends z.ZodType> {
  permission: Needed
  /** one line for openapi.json */
  summary: string
  /** the name of the answer's shape in lib/domain/views.ts, for openapi.json */
  answers?: string
  /** of the JSON body */
  input?: Input
  /** a dangerous act, or which of them are: the person must have typed the password within the last five minutes */
  confirmed?: boolean | ((input: z.output<Input>) => boolean)
  /** of the query string; a name given twice is refused */
  query?: Query
  /** Returns a Response, or a value for 200, or undefined for 204. */
  handler: (context: Context<Needed, z.output<Input>, z.output<Query>>) => Promise<unknown>
}

export interface Context<Needed extends Access, Input, Query> {
  request: Request
  requestId: string
  actor: Needed extends 'anonymous' ? Person | null : Person
  catalog: Kysely<Catalog>
  input: Input
  query: Query
  /** the bracketed parts of the path */
  params: Record<string, string>
  idempotencyKey: string | null
}

export interface Handler {
  (request: Request, context?: { params: Promise<Record<string, string>> }): Promise<Response>
  /** for openapi.json and for the test that walks every route */
  api: { permission: Access; summary: string; answers: string | null; input: z.ZodType | null; query: z.ZodType | null }
}

/**
 * The one way into every route: same origin, session, role, input, password, in this order; then the handler. Every failure is a problem document,
 * refusals are audited. Nobody learns from a 403 whether an id exists: the role is checked first, ids are looked up within what the actor sees.
 */
export function route<Needed extends Access, Input extends z.ZodType = z.ZodUndefined, Query extends z.ZodType = z.ZodUndefined>(
  of: Route<Needed, Input, Query>,
): Handler {
  const handle = async (request: Request, context?: { params: Promise<Record<string, string>> }): Promise<Response> => {
    const requestId = randomUUID()
    let actor: Person | null = null
    try {
      if (unsafeMethods.includes(request.method) && !isSameOrigin(request.headers)) throw crossOrigin()
      actor = await currentActor(request)
      if (of.permission !== 'anonymous') assertAllowed(actor, of.permission)
      const input = of.input === undefined ? undefined : of.input.parse(await readBody(request))
      const query = of.query === undefined ? undefined : of.query.parse(queryOf(request))
      if (actor !== null && asksForPassword(of.confirmed, input as z.output<Input>)) await assertConfirmed(catalog(), actor)
      const answer = await of.handler({
        request,
        requestId,
        actor: actor as Context<Needed, unknown, unknown>['actor'],
        catalog: catalog(),
        input: input as z.output<Input>,
        query: query as z.output<Query>,
        params: (await context?.params) ?? {},
        idempotencyKey: idempotencyKeyOf(request),
      })
      return withHeaders(answer, requestId)
    } catch (error) {
      return refuse(request, actor, error, requestId)
    }
  }
  const { permission, summary, answers = null, input = null, query = null } = of
  return Object.assign(handle, { api: { permission, summary, answers, input, query } })
}

function asksForPassword<Input>(confirmed: boolean | ((input: Input) => boolean) | undefined, input: Input): boolean {
  return typeof confirmed === 'function' ? confirmed(input) : confirmed === true
}

/** For what depends on the input. Throws `forbidden`. */
export function assertAllowed(actor: Person | null, permission: Permission): asserts actor is Person {
  if (actor === null) throw new LifeboatError('unauthenticated', 'You are not signed in.', 'Nothing was changed. Sign in and try again.')
  if (!allows(actor.role, permission)) {
    throw new LifeboatError('forbidden', reasonDenied(permission), `You are signed in as ${actor.name}, with the role ${actor.role}.`)
  }
}

function crossOrigin(): LifeboatError {
  const hint = 'Nothing was changed. Open the console at its own address; behind a proxy, set LIFEBOAT_URL to the address that people use.'
  return new LifeboatError('cross_origin', 'The request does not come from the console itself.', hint)
}

async function refuse(request: Request, actor: Person | null, error: unknown, requestId: string): Promise<Response> {
  try {
    const denied = error instanceof LifeboatError && statusOf(error.code) === 403
    if (denied) await auditDenied(request, actor, error.code)
    return problemOf(error, requestId)
  } catch (second) {
    return problemOf(second, requestId)
  }
}

function withHeaders(answer: unknown, requestId: string): Response {
  const response = answer instanceof Response ? answer : answer === undefined ? new Response(null, { status: 204 }) : json(answer)
  for (const [name, value] of Object.entries(answerHeaders(requestId))) {
    if (!response.headers.has(name)) response.headers.set(name, value)
  }
  return response
}

function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query) throw new LifeboatError('usage', `${name} is given twice.`)
    query[name] = value
  }
  return query
}

function idempotencyKeyOf(request: Request): string | null {
  const key = request.headers.get('idempotency-key')
  if (key === null) return null
  if (/^[\x21-\x7e]{1,200}$/.test(key)) return key
  throw new LifeboatError('usage', 'The Idempotency-Key must be 1 to 200 visible ASCII characters.')
}
