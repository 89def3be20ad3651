import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Actor } from '#lib/domain/actor.ts'
import { canonicalJson } from '#lib/domain/canonical-json.ts'
import type { Catalog } from './schema.ts'

type AuditRow = Selectable<Catalog['audit']>

export interface AuditEntry {
  actorKind: AuditRow['actor_kind']
  actorId?: string | null
  actorName: string
  /** `operation.request`, `session.begin`, `database.add`, … */
  action: string
  subjectKind?: string | null
  subjectId?: string | null
  /** `attempted` is written with the act, its outcome afterwards; `denied` attempts are kept too */
  outcome: AuditRow['outcome']
  /** never a secret */
  detail?: Record<string, unknown>
}

export interface AuditHead {
  seq: number
  hmac: string
}

const beforeFirst = '0'.repeat(64)
/** one writer at a time: the sequence has no gaps and the chain no forks */
const lockId = 5_023_771_946_208_113n

export function auditActor(actor: Actor): Pick<AuditEntry, 'actorKind' | 'actorId' | 'actorName'> {
  return { actorKind: actor.kind, actorId: actor.id, actorName: actor.name }
}

/**
 * Appends in the caller's transaction, or in one of its own. Append last in a transaction: the lock is held until it ends,
 * and whoever holds it must not wait for a row that another appender has locked.
 */
export async function appendAudit(db: Kysely<Catalog>, key: Buffer, entry: AuditEntry): Promise<AuditHead> {
  if (!db.isTransaction) return db.transaction().execute((trx) => appendAudit(trx, key, entry))
  await sql`SELECT pg_advisory_xact_lock(${lockId.toString()}::bigint)`.execute(db)
  const last = await auditHead(db)
  const clock = await sql<{ at: Date }>`SELECT date_trunc('milliseconds', clock_timestamp()) AS at`.execute(db)
  const at = clock.rows[0]?.at
  if (at === undefined) throw new Error('the catalogue did not tell the time')
  const row: Omit<AuditRow, 'hmac'> = {
    seq: (last?.seq ?? 0) + 1,
    at,
    actor_kind: entry.actorKind,
    actor_id: entry.actorId ?? null,
    actor_name: entry.actorName,
    action: entry.action,
    subject_kind: entry.subjectKind ?? null,
    subject_id: entry.subjectId ?? null,
    outcome: entry.outcome,
    // as jsonb will give it back: without undefined members
    detail: JSON.parse(canonicalJson(entry.detail ?? {})) as Record<string, unknown>,
    previous_hmac: last?.hmac ?? beforeFirst,
    key_id: auditKeyId(key),
  }
  const hmac = seal(key, row)
  await db
    .insertInto('audit')
    .values({ ...row, detail: JSON.stringify(row.detail), hmac })
    .execute()
  return { seq: row.seq, hmac }
}

/** The last row's place in the chain; null while the trail is empty. */
export async function auditHead(db: Kysely<Catalog>): Promise<AuditHead | null> {
  return (await db.selectFrom('audit').select(['seq', 'hmac']).orderBy('seq', 'desc').limit(1).executeTakeFirst()) ?? null
}

/** Names a key without telling it. */
export function auditKeyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16)
}

/** The keys that sealed the trail, each with its first row; rows from before keys had ids are not counted. */
export async function auditKeys(db: Kysely<Catalog>): Promise<{ keyId: string; firstSeq: number }[]> {
  const rows = await db
    .selectFrom('audit')
    .select((eb) => ['key_id', eb.fn.min<number>('seq').as('first')])
    .where('key_id', 'is not', null)
    .groupBy('key_id')
    .execute()
  return rows.map((row) => ({ keyId: row.key_id ?? '', firstSeq: Number(row.first) })).sort((a, b) => a.firstSeq - b.firstSeq)
}

function seal(key: Buffer, row: Omit<AuditRow, 'hmac'>): string {
  const { key_id, ...rest } = row
  return createHmac('sha256', key)
    .update(canonicalJson({ ...rest, at: row.at.toISOString(), ...(key_id === null ? {} : { key_id }) }))
    .digest('hex')
}

export type AuditVerdict = { ok: true; rows: number } | { ok: false; rows: number; badSeq: number; problem: string }

/**
 * Walks the whole chain and names the first bad row. `recorded` is a head that was noted outside the catalogue:
 * without it, rows cut off the end cannot be seen.
 */
export async function verifyAudit(db: Kysely<Catalog>, key: Buffer, recorded: AuditHead | null = null): Promise<AuditVerdict> {
  let previous = beforeFirst
  let seq = 0
  for (;;) {
    const rows = await db.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(1_000).execute()
    for (const row of rows) {
      const problem = problemOf(row, { key, previous, expected: seq + 1, recorded })
      if (problem !== null) return { ok: false, rows: seq, badSeq: problem === 'removed' ? seq + 1 : row.seq, problem: problems[problem] }
      previous = row.hmac
      seq = row.seq
    }
    if (rows.length === 0) break
  }
  if (recorded !== null && recorded.seq > seq) return { ok: false, rows: seq, badSeq: seq + 1, problem: problems.cut }
  return { ok: true, rows: seq }
}

const problems = {
  removed: 'the row was removed',
  edited: 'the row does not match its seal: it was edited',
  other_key: 'the row was sealed with another key than the one here: whether it was edited is not known',
  moved: 'the row does not follow the one before it',
  rebuilt: 'the row is not the one that was recorded outside the catalogue',
  cut: 'rows were cut off the end',
}

function problemOf(
  row: AuditRow,
  against: { key: Buffer; previous: string; expected: number; recorded: AuditHead | null },
): keyof typeof problems | null {
  if (row.seq !== against.expected) return 'removed'
  const { hmac, ...sealed } = row
  if (row.key_id !== null && row.key_id !== auditKeyId(against.key)) return 'other_key'
  if (!same(seal(against.key, sealed), hmac)) return 'edited'
  if (row.previous_hmac !== against.previous) return 'moved'
  if (against.recorded?.seq === row.seq && against.recorded.hmac !== hmac) return 'rebuilt'
  return null
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
