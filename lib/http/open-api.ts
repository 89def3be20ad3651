import { z } from 'zod'
import { permissions } from '#lib/domain/permissions.ts'
import type { Handler } from './route.ts'

/** An OpenAPI 3.1 document of the routes, from the zod schemas that check their input. Answers are named after lib/domain/views.ts. */
export function openApi(routes: Record<string, Record<string, Handler>>): Record<string, unknown> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lifeboat',
      version: '1',
      description: 'Backups of PostgreSQL, their proof and recovery. Errors are problem documents (RFC 9457).',
    },
    servers: [{ url: '/api/v1' }],
    paths: Object.fromEntries(Object.entries(routes).map(([path, handlers]) => [path, methodsOf(path, handlers)])),
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'lifeboat_session' } },
      schemas: { Problem: z.toJSONSchema(problemSchema) },
    },
  }
}

const problemSchema = z.object({
  type: z.string(),
  status: z.number(),
  code: z.string(),
  title: z.string(),
  remedy: z.string(),
  requestId: z.string(),
  fields: z.record(z.string(), z.string()).optional(),
})

function methodsOf(path: string, handlers: Record<string, Handler>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(handlers).map(([method, handler]) => [method.toLowerCase(), operationOf(path, handler)]))
}

function operationOf(path: string, { api }: Handler): Record<string, unknown> {
  const roles = api.permission === 'anonymous' ? 'anyone' : permissions[api.permission].join(', ')
  return {
    summary: api.summary,
    description: `For: ${roles}.${api.answers === null ? '' : ` Answers ${api.answers}.`}`,
    security: api.permission === 'anonymous' ? [] : [{ session: [] }],
    parameters: [...pathParameters(path), ...queryParameters(api.query)],
    ...(api.input === null ? {} : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(api.input) } } } }),
    responses: {
      '2XX': { description: api.answers ?? 'Done or accepted' },
      default: { description: 'A problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  }
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
}

function queryParameters(query: z.ZodType | null): unknown[] {
  if (query === null) return []
  const schema = schemaOf(query) as { properties?: Record<string, unknown>; required?: string[] }
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).map(([name, one]) => ({ name, in: 'query', required: required.has(name), schema: one }))
}

function schemaOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
}
