import { type CheckStatus, checkStatuses } from '#lib/domain/watch/check-kinds.ts'
import type { CheckView } from '#lib/domain/watch-views.ts'

/** A check as it is known now: what the server said, grown old since. */
export interface KnownCheck extends CheckView {
  statusNow: CheckStatus
  staleNow: boolean
}

/** What belongs together: all checks of one database, of one storage, or of Lifeboat itself. */
export interface CheckGroup {
  key: string
  name: string
  href: string | null
  checks: KnownCheck[]
  /** how many of each status */
  counts: Record<CheckStatus, number>
}

/** What needs somebody comes first, and what is not known before what is well. */
const rank = { critical: 0, warning: 1, unknown: 2, ok: 3 } satisfies Record<CheckStatus, number>

export function groupChecks(checks: readonly KnownCheck[]): CheckGroup[] {
  const groups = new Map<string, CheckGroup>()
  for (const check of checks) {
    const owner = ownerOf(check)
    const group = groups.get(owner.key) ?? { ...owner, checks: [], counts: { ok: 0, warning: 0, critical: 0, unknown: 0 } }
    group.checks.push(check)
    group.counts[check.statusNow] += 1
    groups.set(owner.key, group)
  }
  return [...groups.values()]
    .map((group) => ({ ...group, checks: group.checks.toSorted((a, b) => rank[a.statusNow] - rank[b.statusNow]) }))
    .toSorted((a, b) => worstOf(a) - worstOf(b) || a.name.localeCompare(b.name))
}

function worstOf({ counts }: CheckGroup): number {
  return rank[(['critical', 'warning', 'unknown'] as const).find((status) => counts[status] > 0) ?? 'ok']
}

function ownerOf(check: CheckView): Pick<CheckGroup, 'key' | 'name' | 'href'> {
  if (check.database !== null) return { key: check.database.id, name: check.database.name, href: `/databases/${check.database.id}` }
  if (check.storage !== null) return { key: check.storage.id, name: check.storage.name, href: `/storages/${check.storage.id}` }
  return { key: '', name: 'Lifeboat itself', href: null }
}

/** `2 critical, 1 unknown, 9 ok`: never a count of the good ones alone where there are others. */
export function countWords(counts: Record<CheckStatus, number>): string {
  const parts = (['critical', 'warning', 'unknown', 'ok'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`)
  return parts.join(', ')
}

export function isCheckStatus(text: unknown): text is CheckStatus {
  return checkStatuses.some((status) => status === text)
}
