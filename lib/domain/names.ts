import type { Tier } from './states.ts'

/** `20261122_030000`, in UTC. */
export function stamp(at: Date): string {
  const iso = at.toISOString()
  return `${iso.slice(0, 10).replaceAll('-', '')}_${iso.slice(11, 19).replaceAll(':', '')}`
}

/** Lower-case letters, digits and hyphens, 1 to 40 characters; safe in a path on every storage. */
export function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return plain.slice(0, 40).replaceAll(/-+$/g, '') || 'database'
}

export function backupName(tier: Tier, at: Date): string {
  return `backup_${tier}_${stamp(at)}`
}

/** `<slug>-<8 hex of database id>/<tier>/backup_<tier>_<stamp>_<attempt>`; DESIGN.md section 3, "Layout". */
export function backupPath(database: { name: string; id: string }, tier: Tier, at: Date, attempt: string): string {
  return `${slug(database.name)}-${database.id.slice(0, 8)}/${tier}/${backupName(tier, at)}_${attempt}`
}

export function entryName(ordinal: number): string {
  return `e${String(ordinal).padStart(6, '0')}`
}

/** What a storage key may look like. Everything that a storage lists and that does not match is not ours. */
export function isSafeKey(key: string): boolean {
  return /^[A-Za-z0-9._/-]+$/.test(key) && key.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
