import { appendAudit } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { addressGroup, clientAddress } from '#lib/auth/client-address.ts'
import { countAttempt } from '#lib/auth/rate-limit.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { ErrorCode } from '#lib/domain/errors.ts'

const windowSeconds = 15 * 60
const mostPerAddress = 100

/** Notes a refused attempt in the audit trail; at most a hundred per address and quarter of an hour, so that nobody can flood it. */
export async function auditDenied(request: Request, actor: Actor | null, code: ErrorCode): Promise<void> {
  const address = clientAddress(request.headers)
  const count = await countAttempt(catalog(), `denied from ${addressGroup(address)}`, windowSeconds)
  if (count > mostPerAddress) return
  await appendAudit(catalog(), auditKey(), {
    actorKind: actor === null ? 'anonymous' : actor.kind,
    actorId: actor?.id ?? null,
    actorName: actor?.name ?? 'anonymous',
    action: 'request.denied',
    subjectKind: 'path',
    subjectId: new URL(request.url).pathname.slice(0, 200),
    outcome: 'denied',
    detail: { method: request.method, code, address, origin: request.headers.get('origin')?.slice(0, 200) ?? null },
  })
}
