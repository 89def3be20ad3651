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

/**
 * Holds the objects of a restored database (type, schema, name, owner) and its sequences' values against the backup's own table of contents.
 * Each one that did not come back is a loss. `dropGrants`: owners and privileges were left out on purpose and are not looked for.
 * Between two majors that list large objects and the schema public in different ways, those two are left to the other comparisons.
 */
export function compareSchema(backup: Toc, restored: Toc, how: { dropGrants: boolean }): Loss[] {
  const sameMajor = major(backup.toolVersion) === major(restored.toolVersion) && major(backup.serverVersion) === major(restored.serverVersion)
  const wanted = (entry: TocEntry): boolean =>
    !notCompared.has(entry.desc) && !(how.dropGrants && grants.has(entry.desc)) && (sameMajor || !differsByMajor(entry))
  const found = new Map<string, TocEntry>()
  for (const entry of restored.entries) found.set(identity(entry, restored, how), entry)

  const losses: Loss[] = []
  for (const entry of backup.entries.filter(wanted)) {
    const counterpart = found.get(identity(entry, backup, how))
    if (counterpart === undefined) losses.push({ object: nameOf(entry), cause: 'It is in the backup and not in the restored database.' })
    else if (entry.desc === 'SEQUENCE SET' && entry.defn !== counterpart.defn)
      losses.push({ object: nameOf(entry), cause: 'The sequence has another value than in the backup.' })
  }
  if (losses.length <= listedAtMost) return losses
  return [...losses.slice(0, listedAtMost), { object: `${losses.length - listedAtMost} more objects`, cause: 'They did not come back either.' }]
}

/** What belongs to the database itself carries its name and owner, which a restore under another name does not keep. */
function identity(entry: TocEntry, toc: Toc, how: { dropGrants: boolean }): string {
  const ofDatabase = isOfDatabase(entry) && entry.tag === `DATABASE ${toc.dbname}`
  const owner = how.dropGrants || ofDatabase ? null : entry.owner
  return JSON.stringify([entry.desc, entry.schema, ofDatabase ? 'DATABASE' : entry.tag, owner])
}

function isOfDatabase(entry: TocEntry): boolean {
  return entry.schema === null && ['ACL', 'COMMENT', 'SECURITY LABEL'].includes(entry.desc)
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
