import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'

/** An audit row for a change that is made in the same transaction. */
export async function note(
  trx: Kysely<Catalog>,
  actor: Actor,
  action: string,
  subject: { kind: string; id: string },
  detail: Record<string, unknown> = {},
): Promise<void> {
  await appendAudit(trx, auditKey(), {
    ...auditActor(actor),
    action,
    subjectKind: subject.kind,
    subjectId: subject.id,
    outcome: 'done',
    detail,
  })
}
