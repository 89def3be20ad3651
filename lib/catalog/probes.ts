import { type Kysely, sql } from 'kysely'
import type { Catalog } from './schema.ts'

export type ProbeKind = Catalog['probes']['kind']

/** Rows for subjects that have none yet, due at once; rows of subjects that are gone are taken away. */
export async function keepProbes(db: Kysely<Catalog>, kind: ProbeKind, subjects: readonly string[], now: Date): Promise<void> {
  await sql`
    INSERT INTO probes (kind, subject, next_at) SELECT ${kind}, subject, ${now}::timestamptz FROM unnest(${subjects}::text[]) AS s(subject)
    ON CONFLICT DO NOTHING`.execute(db)
  await sql`DELETE FROM probes WHERE kind = ${kind} AND NOT subject = ANY (${subjects}::text[])`.execute(db)
}

/**
 * Takes one due row for this process alone: its next time is set before anything is asked, so nobody else asks too, and an asking that dies is
 * made again when it is due. `among`: only these subjects. null: nothing is due.
 */
export async function takeDueProbe(
  db: Kysely<Catalog>,
  kind: ProbeKind,
  { among, now, nextAt }: { among: readonly string[]; now: Date; nextAt: Date },
): Promise<string | null> {
  const { rows } = await sql<{ subject: string }>`
    UPDATE probes SET next_at = ${nextAt}, last_at = ${now}
    WHERE kind = ${kind} AND subject = (
      SELECT subject FROM probes WHERE kind = ${kind} AND next_at <= ${now} AND subject = ANY (${among}::text[])
      ORDER BY next_at, subject LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING subject`.execute(db)
  return rows[0]?.subject ?? null
}
