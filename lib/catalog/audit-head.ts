import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { type AuditHead, auditHead } from './audit.ts'
import type { Catalog } from './schema.ts'

const head = z.object({ seq: z.number().int().positive(), hmac: z.string() })

/** Beside the key, outside the catalogue: what the catalogue forgot afterwards is found against it. */
export function auditHeadFile(): string {
  return path.join(env().LIFEBOAT_HOME, 'keys', 'audit.head')
}

/** The recorded head; null: none yet. A file that cannot be read is an error, not an empty record. */
export function readAuditHead(file: string): AuditHead | null {
  try {
    return head.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Notes the trail's head. Never goes back: a shorter trail is what the record is there to find. */
export async function recordAuditHead(catalog: Kysely<Catalog>, file: string): Promise<void> {
  const current = await auditHead(catalog)
  const recorded = readAuditHead(file)
  if (current === null || current.seq <= (recorded?.seq ?? 0)) return
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, `${JSON.stringify(current)}\n`, { mode: 0o600, flush: true })
  renameSync(mine, file)
}
