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
  const found = byIdentity(restored, how)
  const losses: Loss[] = []
  const differing: Differing[] = []
  for (const [identity, entries] of byIdentity({ ...backup, entries: backup.entries.filter(wanted) }, how)) {
    const counterparts = found.get(identity) ?? []
    const first = entries[0]
    if (first === undefined) continue
    // operators and casts may share a name: each of them must be there
    for (const entry of entries.slice(counterparts.length)) {
      losses.push({ object: nameOf(entry), cause: 'It is in the backup and not in the restored database.' })
    }
    if (counterparts.length < entries.length || sameTexts(entries, counterparts)) continue
    if (first.desc === 'SEQUENCE SET') losses.push({ object: nameOf(first), cause: 'The sequence has another value than in the backup.' })
    else differing.push({ identity, object: nameOf(first) })
  }
  if (losses.length <= listedAtMost) return { losses, differing }
  const rest = { object: `${losses.length - listedAtMost} more objects`, cause: 'They did not come back either.' }
  return { losses: [...losses.slice(0, listedAtMost), rest], differing }
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
  const found = byIdentity(restored, how)
  const expected = byIdentity(fresh, how)
  const verdict = ({ identity }: Differing): 'rewritten' | 'changed' | 'undecided' => {
    const there = expected.get(identity)
    if (there === undefined) return 'undecided'
    return sameTexts(there, found.get(identity) ?? []) ? 'rewritten' : 'changed'
  }
  const having = (wanted: string): Differing[] => differing.filter((one) => verdict(one) === wanted)
  return { rewritten: having('rewritten'), changed: having('changed'), undecided: having('undecided') }
}

function byIdentity(toc: Toc, how: How): Map<string, TocEntry[]> {
  const found = new Map<string, TocEntry[]>()
  for (const entry of toc.entries) {
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
