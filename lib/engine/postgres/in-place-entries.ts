import type { LiveDatabase } from './in-place-live.ts'
import type { Toc, TocEntry } from './toc.ts'

/** An object of a table of contents with its privileges, comment and labels. */
export interface ObjectGroup {
  main: TocEntry
  about: TocEntry[]
}

/** Not objects of a schema, or of the database as a whole, which stays what it is. */
const notObjects: ReadonlySet<string> = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES', 'BLOBS', 'TABLE DATA'])
const aboutOthers: ReadonlySet<string> = new Set(['ACL', 'ACL LANGUAGE', 'COMMENT', 'SECURITY LABEL'])

/** Groups of objects, in the archive's order, and what is about something that the archive itself does not hold. */
export function groupsOf(toc: Toc): { groups: ObjectGroup[]; loose: TocEntry[] } {
  const groups = new Map<number, ObjectGroup>()
  const loose: TocEntry[] = []
  const about: TocEntry[] = []
  for (const entry of toc.entries) {
    if (notObjects.has(entry.desc)) continue
    if (aboutOthers.has(entry.desc)) {
      if (!(entry.schema === null && entry.tag === `DATABASE ${toc.dbname}`)) about.push(entry)
    } else groups.set(entry.dumpId, { main: entry, about: [] })
  }
  for (const entry of about) {
    const group = entry.dependencies.map((dumpId) => groups.get(dumpId)).find((one) => one !== undefined)
    if (group === undefined) loose.push(entry)
    else group.about.push(entry)
  }
  return { groups: [...groups.values()], loose }
}

export function keyOf(entry: TocEntry): string {
  return JSON.stringify([entry.desc, entry.schema, entry.tag])
}

/** Same kind and name. Operators and casts may share both: equal texts find each other first. */
export function pairUp(backup: readonly ObjectGroup[], live: readonly ObjectGroup[]): Map<ObjectGroup, ObjectGroup> {
  const pairs = new Map<ObjectGroup, ObjectGroup>()
  const free = new Map<string, ObjectGroup[]>()
  for (const group of live) free.set(keyOf(group.main), [...(free.get(keyOf(group.main)) ?? []), group])
  const take = (group: ObjectGroup, fits: (other: ObjectGroup) => boolean) => {
    const others = free.get(keyOf(group.main)) ?? []
    const at = others.findIndex(fits)
    const [found] = at < 0 ? [] : others.splice(at, 1)
    if (found !== undefined) pairs.set(group, found)
  }
  for (const group of backup) take(group, (other) => other.main.defn === group.main.defn)
  for (const group of backup) if (!pairs.has(group)) take(group, () => true)
  return pairs
}

/** Does the live object read as the backup's does, with its owner, privileges and comments? */
export function sameGroup(one: ObjectGroup, other: ObjectGroup, dropGrants: boolean): boolean {
  const texts = ({ main, about }: ObjectGroup) =>
    [
      `${dropGrants ? '' : main.owner}\0${main.defn}`,
      ...about.filter((entry) => !dropGrants || !entry.desc.startsWith('ACL')).map((entry) => `${entry.desc}\0${entry.tag}\0${entry.defn}`),
    ].sort()
  const [mine, theirs] = [texts(one), texts(other)]
  return mine.length === theirs.length && mine.every((text, index) => text === theirs[index])
}

/** Schemas that a hosted Supabase keeps for itself, whoever may act as their owner. */
const ofSupabase: ReadonlySet<string> = new Set(
  `_analytics _realtime auth cron extensions graphql graphql_public net pgbouncer pgsodium pgsodium_masks pgtle realtime storage
   supabase_functions supabase_migrations vault`.split(/\s+/),
)

/**
 * Schemas that belong to the platform and are left alone: those of a role that the connecting one cannot act as, and, where it is a Supabase,
 * those by name. Not `public`, which on many servers belongs to an administrator and holds the users' own tables.
 */
export function isPlatformSchema(name: string, live: Pick<LiveDatabase, 'schemas' | 'isSupabase'>): boolean {
  if (name === 'public') return false
  if (live.isSupabase && ofSupabase.has(name)) return true
  return live.schemas.get(name) === false
}

/** The schema that an entry stands in, or that it is. */
export function schemaOfEntry(entry: TocEntry): string | null {
  if (entry.desc === 'SCHEMA') return entry.tag
  if (entry.schema !== null) return entry.schema
  return aboutOthers.has(entry.desc) && entry.tag.startsWith('SCHEMA ') ? entry.tag.slice('SCHEMA '.length) : null
}

/** `VIEW public.totals` */
export function nameOfEntry(entry: TocEntry): string {
  return `${entry.desc} ${entry.schema === null ? '' : `${entry.schema}.`}${entry.tag}`
}
