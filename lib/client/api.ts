import type { ErrorCode } from '#lib/domain/errors.ts'
import { askForPassword } from './password-question.ts'

/** The problem document of RFC 9457 that every failed call answers with. */
export interface Problem {
  status: number
  code: ErrorCode
  /** what happened */
  title: string
  /** what is safe and what to do; "" where there is nothing to say */
  remedy: string
  /** to copy when asking for help */
  requestId: string | null
  /** fields of a form that were not accepted, by name */
  fields?: Record<string, string>
  detail?: Record<string, unknown>
}

export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.title)
    this.name = 'ApiError'
    this.problem = problem
  }
}

/** What an accepted operation answers: 202. */
export interface Accepted {
  operationId: string
}

const base = '/api/v1'

/** `path` begins with a slash and follows /api/v1. Throws ApiError. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return call<T>('GET', path + queryOf(query), undefined, { signal })
}

/** `idempotencyKey`: the same key starts the same operation once, however often the request is sent. Throws ApiError. */
export function post<T>(path: string, body: unknown = {}, options: { idempotencyKey?: string; signal?: AbortSignal } = {}): Promise<T> {
  return call<T>('POST', path, body, options)
}

export function patch<T>(path: string, body: unknown): Promise<T> {
  return call<T>('PATCH', path, body)
}

export function put<T>(path: string, body: unknown): Promise<T> {
  return call<T>('PUT', path, body)
}

export function remove<T = void>(path: string): Promise<T> {
  return call<T>('DELETE', path)
}

/** undefined and null are left out. */
export type Query = Record<string, string | number | boolean | null | undefined>

export function queryOf(query: Query): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return set.length === 0 ? '' : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`
}

interface CallOptions {
  idempotencyKey?: string
  signal?: AbortSignal
}

/** An act that needs the password again is sent once more when it was typed; otherwise it stays refused. */
async function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
  try {
    return await send<T>(method, path, body, options)
  } catch (error) {
    if (!(error instanceof ApiError && error.problem.code === 'confirm_password') || !(await askForPassword())) throw error
    return send<T>(method, path, body, options)
  }
}

async function send<T>(method: string, path: string, body: unknown, options: CallOptions): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey
  const request: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
  if (body !== undefined) request.body = JSON.stringify(body)
  if (options.signal !== undefined) request.signal = options.signal
  const response = await fetch(base + path, request).catch((error: unknown) => {
    if (options.signal?.aborted) throw error
    throw new ApiError(unanswered)
  })
  if (!response.ok) throw new ApiError(await problemOf(response))
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

const unanswered: Problem = {
  status: 0,
  code: 'unavailable',
  title: 'Lifeboat did not answer.',
  remedy: 'Running operations go on without the console. Check your connection, then try again.',
  requestId: null,
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    status: response.status,
    code: response.status === 401 ? 'unauthenticated' : 'failed',
    title: `The server answered ${response.status}.`,
    remedy: 'Try again; if it stays so, look at the log of the web process.',
    requestId: response.headers.get('x-request-id'),
  }
  if (!(response.headers.get('content-type') ?? '').includes('application/problem+json')) return fallback
  return { ...fallback, ...((await response.json().catch(() => ({}))) as Partial<Problem>) }
}
