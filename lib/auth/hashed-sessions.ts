import { createHash } from 'node:crypto'
import type { DBAdapter } from 'better-auth/types'
import type { BetterAuthOptions } from 'better-auth'

type Adapter = DBAdapter<BetterAuthOptions>
type Where = NonNullable<Parameters<Adapter['findMany']>[0]['where']>

/** What the table holds in place of a session's token: whoever reads the catalogue cannot sign in with it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/**
 * better-auth stores session tokens as they are. This adapter stores and looks up their SHA-256 instead, and hands the token back to the
 * caller that presented it, so that nothing above notices. Tokens have 32 random characters, so an unsalted hash is enough.
 */
export function withHashedSessions(adapter: Adapter): Adapter {
  const wrapped: Adapter = {
    ...adapter,
    async create(data) {
      if (data.model !== 'session') return adapter.create(data)
      const token = tokenIn(data.data)
      if (token === undefined) return adapter.create(data)
      const made = await adapter.create({ ...data, data: { ...data.data, token: hashToken(token) } })
      return { ...(made as object), token } as never
    },
    async findOne(data) {
      if (data.model !== 'session') return adapter.findOne(data)
      return withToken(await adapter.findOne({ ...data, where: hashed(data.where) }), data.where) as never
    },
    async findMany(data) {
      if (data.model !== 'session' || data.where === undefined) return adapter.findMany(data)
      return adapter.findMany({ ...data, where: hashed(data.where) })
    },
    async count(data) {
      if (data.model !== 'session' || data.where === undefined) return adapter.count(data)
      return adapter.count({ ...data, where: hashed(data.where) })
    },
    async update(data) {
      if (data.model !== 'session') return adapter.update(data)
      const update = hashedData(data.update)
      return withToken(await adapter.update({ ...data, update, where: hashed(data.where) }), data.where) as never
    },
    async updateMany(data) {
      if (data.model !== 'session') return adapter.updateMany(data)
      return adapter.updateMany({ ...data, update: hashedData(data.update), where: hashed(data.where) })
    },
    async delete(data) {
      if (data.model !== 'session') return adapter.delete(data)
      return adapter.delete({ ...data, where: hashed(data.where) })
    },
    async deleteMany(data) {
      if (data.model !== 'session') return adapter.deleteMany(data)
      return adapter.deleteMany({ ...data, where: hashed(data.where) })
    },
    transaction(work) {
      return adapter.transaction((inner) => work(withHashedSessions(inner as Adapter) as never))
    },
  }
  return wrapped
}

function hashed(where: Where): Where {
  return where.map((one) => {
    if (one.field !== 'token') return one
    if (typeof one.value === 'string') return { ...one, value: hashToken(one.value) }
    if (Array.isArray(one.value)) return { ...one, value: one.value.map((token) => hashToken(String(token))) }
    return one
  })
}

function hashedData<T>(data: T): T {
  const token = tokenIn(data)
  return token === undefined ? data : { ...data, token: hashToken(token) }
}

function withToken(row: unknown, where: Where): unknown {
  const asked = where.find((one) => one.field === 'token')?.value
  return row !== null && typeof row === 'object' && typeof asked === 'string' ? { ...row, token: asked } : row
}

function tokenIn(data: unknown): string | undefined {
  return typeof data === 'object' && data !== null && 'token' in data && typeof data.token === 'string' ? data.token : undefined
}
