import type { CheckKind, CheckResult, CheckStatus } from './check-kinds.ts'

type Seen = { status: CheckStatus; words: string; value?: number | null; detail?: Record<string, unknown> }

/** What was seen of a database, a storage, or the whole installation. */
export function seenOfDatabase(kind: CheckKind, database: { id: string; name: string }, seen: Seen): CheckResult {
  return { ...common(kind, seen), subject: database.id, subjectName: database.name, databaseId: database.id, storageId: null }
}

export function seenOfStorage(kind: CheckKind, storage: { id: string; name: string }, seen: Seen): CheckResult {
  return { ...common(kind, seen), subject: storage.id, subjectName: storage.name, databaseId: null, storageId: storage.id }
}

/** Of a machine, a channel. */
export function seenOf(kind: CheckKind, subject: { id: string; name: string }, seen: Seen): CheckResult {
  return { ...common(kind, seen), subject: subject.id, subjectName: subject.name, databaseId: null, storageId: null }
}

export function seenOfInstallation(kind: CheckKind, seen: Seen): CheckResult {
  return { ...common(kind, seen), subject: '', subjectName: '', databaseId: null, storageId: null }
}

function common(
  kind: CheckKind,
  { status, words, value = null, detail = {} }: Seen,
): Pick<CheckResult, 'kind' | 'status' | 'words' | 'value' | 'detail'> {
  return { kind, status, words, value, detail }
}

/** `a, b and 3 more` */
export function named(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** `1 copy is`, `3 copies are` */
export function countIs(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`
}
