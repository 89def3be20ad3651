import type { Toc, TocEntry } from '#lib/engine/postgres/toc.ts'
import type { Loss } from './compare.ts'

/** More are counted, not listed: an operation's result must stay readable. */
const listedAtMost = 500

/** Not objects, or not restored into a database that exists already (its settings are applied apart), or compared by content. */
const notCompared: ReadonlySet<string> = new Set([
  'ENCODING',
  'STDSTRINGS',
  'SEARCHPATH',
  'DATABASE',
  'DATABASE PROPERTIES',
  'TABLE DATA',
  'STATISTICS DATA',
])
const grants: ReadonlySet<string> = new Set(['ACL', 'ACL LANGUAGE', 'DEFAULT ACL'])

export interface How {
  /** owners and privileges were left out on purpose and are not looked for */
  dropGrants: boolean
  /** privileges and comment of the database itself are restored and compared apart (database-properties.ts) */
  databaseApart: boolean
  /** of two roles that became one, what one granted to the other is nobody's privilege any more: a second load tells it from a lost one */
  rolesMapped?: boolean
}
/** An object that came back under its name and owner, and reads differently. */
export interface Differing {
  identity: string
  object: string
}

/**
 * Holds the objects of a restored database (type, schema, name, owner), their definitions and its sequences' values against the backup's own
 * table of contents. Each one that did not come back is a loss. One that reads differently need not be: PostgreSQL rewrites some expressions
 * when it loads them (decision 016), so these are returned apart. Between two majors that list large objects and the schema public in
 * different ways, those two are left to the other comparisons.
 */
export function compareSchema(backup: Toc, restored: Toc, how: How): { losses: Loss[]; differing: Differing[] } {
  const sameMajor = major(backup.toolVersion) === major(restored.toolVersion) && major(backup.serverVersion) === major(restored.serverVersion)
  const wanted = (entry: TocEntry): boolean =>
    !notCompared.has(entry.desc) &&
    !(how.dropGrants && grants.has(entry.desc)) &&
    !(how.databaseApart && isOfDatabase(entry, backup)) &&
    (sameMajor || !differsByMajor(entry))
  const losses: Loss[] = []
  let notListed = 0
  const lose = (entry: TocEntry, cause: string) => {
    if (losses.length < listedAtMost) losses.push({ object: nameOf(entry), cause })
    else notListed++
  }
  const differing: Differing[] = []
  for (const [some, others] of pairs(backup, restored)) {
    const found = byIdentity(others, restored, how)
    for (const [identity, entries] of byIdentity(some.filter(wanted), backup, how)) {
      const counterparts = found.get(identity) ?? []
      const first = entries[0]
      if (first === undefined) continue
      if (counterparts.length === 0 && mayHaveMerged(first, how)) {
        differing.push({ identity, object: nameOf(first) })
        continue
      }
      // operators and casts may share a name: each of them must be there
      for (const entry of entries.slice(counterparts.length)) lose(entry, 'It is in the backup and not in the restored database.')
      if (counterparts.length < entries.length || sameTexts(entries, counterparts)) continue
      if (first.desc === 'SEQUENCE SET') lose(first, 'The sequence has another value than in the backup.')
      else differing.push({ identity, object: nameOf(first) })
    }
  }
  if (notListed > 0) losses.push({ object: `${notListed} more objects`, cause: 'They did not come back either.' })
  return { losses, differing }
}

/**
 * What may hold each other's counterparts: all the entries, then each large object for itself. Two maps of 100,000 of them took 100 MB more.
 * What only the restored database has is passed over.
 */
function* pairs(backup: Toc, restored: Toc): Generator<readonly [TocEntry[], TocEntry[]]> {
  yield [backup.entries, restored.entries]
  const others = restored.largeObjects.objects()
  let other = others.next()
  for (const { oid, entries } of backup.largeObjects.objects()) {
    while (!other.done && other.value.oid < oid) other = others.next()
    yield [entries, !other.done && other.value.oid === oid ? other.value.entries : []]
  }
}

/**
 * Decides what the backup's own text cannot: `fresh` is the schema of the same backup, loaded anew into an empty database of the same server and
 * read by the same tool. What reads as it does there was rewritten by PostgreSQL; what does not was changed.
 */
export function judgeDiffering(
  differing: readonly Differing[],
  restored: Toc,
  fresh: Toc,
  how: How,
): { rewritten: Differing[]; changed: Differing[]; undecided: Differing[] } {
  const found = byIdentity(restored.entries, restored, how)
  // large objects are not loaded a second time
  const expected = byIdentity(fresh.entries, fresh, how)
  const verdict = ({ identity }: Differing): 'rewritten' | 'changed' | 'undecided' => {
    const there = expected.get(identity)
    const here = found.get(identity) ?? []
    // only what may have merged is asked about without being in the restored database: it is not in the second load either
    if (there === undefined) return here.length === 0 && how.rolesMapped === true ? 'rewritten' : 'undecided'
    return sameTexts(there, here) ? 'rewritten' : 'changed'
  }
  const having = (wanted: string): Differing[] => differing.filter((one) => verdict(one) === wanted)
  return { rewritten: having('rewritten'), changed: having('changed'), undecided: having('undecided') }
}

/** Privileges of large objects are not loaded a second time, so nobody could tell. */
function mayHaveMerged(entry: TocEntry, how: How): boolean {
  return how.rolesMapped === true && grants.has(entry.desc) && !entry.tag.startsWith('LARGE OBJECT')
}

function byIdentity(entries: readonly TocEntry[], toc: Toc, how: How): Map<string, TocEntry[]> {
  const found = new Map<string, TocEntry[]>()
  for (const entry of entries) {
    const key = identityOf(entry, toc, how)
    const there = found.get(key)
    if (there === undefined) found.set(key, [entry])
    else there.push(entry)
  }
  return found
}

function sameTexts(some: readonly TocEntry[], others: readonly TocEntry[]): boolean {
  if (some.length !== others.length) return false
  const texts = others.map((entry) => entry.defn).sort()
  return some
    .map((entry) => entry.defn)
    .sort()
    .every((text, index) => text === texts[index])
}

/** What belongs to the database itself carries its name and owner, which a restore under another name does not keep. */
function identityOf(entry: TocEntry, toc: Toc, how: How): string {
  const ofDatabase = isOfDatabase(entry, toc)
  const owner = how.dropGrants || ofDatabase ? null : entry.owner
  return JSON.stringify([entry.desc, entry.schema, ofDatabase ? 'DATABASE' : entry.tag, owner])
}

function isOfDatabase(entry: TocEntry, toc: Toc): boolean {
  return entry.schema === null && ['ACL', 'COMMENT', 'SECURITY LABEL'].includes(entry.desc) && entry.tag === `DATABASE ${toc.dbname}`
}

function differsByMajor(entry: TocEntry): boolean {
  if (entry.desc.startsWith('BLOB') || entry.tag.startsWith('LARGE OBJECT')) return true
  return entry.tag === 'SCHEMA public' || (entry.desc === 'SCHEMA' && entry.tag === 'public')
}

function major(version: string): number {
  return Number.parseInt(version, 10)
}

/** `VIEW public.totals`; privileges and comments name what they belong to. */
function nameOf(entry: TocEntry): string {
  return `${entry.desc} ${entry.schema === null ? '' : `${entry.schema}.`}${entry.tag}`
}
