import { isPlatformSchema, nameOfEntry, type ObjectGroup, sameGroup, schemaOfEntry } from './in-place-entries.ts'
import type { LiveDatabase } from './in-place-live.ts'
import type { TocEntry } from './toc.ts'

export interface LeftOut {
  object: string
  cause: string
}

/** What happens to each object of the backup. */
export interface Fates {
  create: Set<ObjectGroup>
  /** functions of which only the body is another: made over the live one, with nothing dropped, so that what calls them stays */
  renew: Set<ObjectGroup>
  /** the live one is left as it is: it reads the same, or everything else stands in it */
  keep: Set<ObjectGroup>
  /** privileges and comments of schemas that are kept, where they differ */
  about: TocEntry[]
  leftOut: LeftOut[]
}

/** Left as they are when the live one reads the same: replacing them would pull down what depends on them, for nothing. */
const mayStay =
  /^(FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|COLLATION|CONVERSION|OPERATOR|OPERATOR CLASS|OPERATOR FAMILY|TEXT SEARCH .*|CAST|TRANSFORM|ACCESS METHOD|FOREIGN DATA WRAPPER|SERVER|USER MAPPING|EVENT TRIGGER|PUBLICATION|DEFAULT ACL|PROCEDURAL LANGUAGE)$/
/** Left as they are whenever they are there: others read from them, or are written in them. */
const staysAnyway = /^(PROCEDURAL LANGUAGE|PUBLICATION)$/
const ofPlatform = 'It belongs to the platform, whose schemas are left alone.'

type Fate = 'create' | 'renew' | 'keep' | 'platform' | { leftOut: string }

export function decideFates(
  wanted: { groups: readonly ObjectGroup[]; loose: readonly TocEntry[] },
  known: { live: LiveDatabase; loose: readonly TocEntry[]; pairs: ReadonlyMap<ObjectGroup, ObjectGroup>; dropGrants: boolean },
): Fates {
  const fates: Fates = { create: new Set(), renew: new Set(), keep: new Set(), about: [], leftOut: [] }
  const others = new Map<string, number>()
  for (const group of wanted.groups) {
    const fate = fateOf(group, known)
    if (fate === 'create') fates.create.add(group)
    else if (fate === 'renew') fates.renew.add(group)
    else if (fate === 'keep') fates.keep.add(group)
    else if (fate !== 'platform') fates.leftOut.push({ object: nameOfEntry(group.main), cause: fate.leftOut })
    else if (group.main.desc === 'TABLE') fates.leftOut.push({ object: nameOfEntry(group.main), cause: ofPlatform })
    else count(others, schemaOfEntry(group.main) ?? '')
  }
  for (const [schema, number] of others)
    fates.leftOut.push({ object: `${number} other ${number === 1 ? 'object' : 'objects'} of schema ${schema}`, cause: ofPlatform })
  for (const entry of [...wanted.loose, ...ofKeptSchemas(fates.keep)]) decideAbout(entry, known, fates)
  return fates
}

function fateOf(group: ObjectGroup, { live, pairs, dropGrants }: Parameters<typeof decideFates>[1]): Fate {
  const { main } = group
  const other = pairs.get(group)
  const schema = schemaOfEntry(main)
  if (schema !== null && isPlatformSchema(schema, live)) return 'platform'
  if (main.desc === 'SUBSCRIPTION') return { leftOut: 'Subscriptions are left as they are.' }
  if (main.desc === 'EXTENSION' && live.extensions.has(main.tag)) return 'keep'
  if (main.desc === 'SCHEMA' && live.schemas.has(main.tag)) return 'keep'
  if (other !== undefined && mayStay.test(main.desc) && sameGroup(group, other, dropGrants)) return 'keep'
  if (other !== undefined && staysAnyway.test(main.desc)) return { leftOut: 'It is there with another definition, and stays as it is.' }
  if (main.desc === 'EVENT TRIGGER' && !live.superuser) return { leftOut: 'Only a superuser can make event triggers.' }
  if (main.desc === 'DEFAULT ACL' && main.owner !== null && !live.actsAs.has(main.owner))
    return { leftOut: `They are default privileges of ${main.owner}, whom the connecting role cannot act as.` }
  return other !== undefined && mayBeRenewed(group, other, dropGrants) ? 'renew' : 'create'
}

/** CREATE OR REPLACE changes neither arguments nor what is returned: pg_dump writes both before LANGUAGE. Privileges it leaves as they are. */
function mayBeRenewed(group: ObjectGroup, other: ObjectGroup, dropGrants: boolean): boolean {
  const head = /^CREATE (?:FUNCTION|PROCEDURE) [\s\S]*?\n {4}LANGUAGE /.exec(group.main.defn)?.[0]
  if (head === undefined || !other.main.defn.startsWith(head)) return false
  const sameBody = (one: ObjectGroup): ObjectGroup => ({ ...one, main: { ...one.main, defn: head } })
  return sameGroup(sameBody(group), sameBody(other), dropGrants)
}

function ofKeptSchemas(keep: ReadonlySet<ObjectGroup>): TocEntry[] {
  return [...keep].filter(({ main }) => main.desc === 'SCHEMA').flatMap(({ about }) => about)
}

/** Privileges and comments of what is not made: those of a schema of ours are given again, others must be as they are. */
function decideAbout(entry: TocEntry, known: Parameters<typeof decideFates>[1], fates: Fates): void {
  const { live, dropGrants } = known
  const schema = schemaOfEntry(entry)
  if ((dropGrants && entry.desc.startsWith('ACL')) || (schema !== null && isPlatformSchema(schema, live))) return
  const there = [...known.loose, ...[...known.pairs.values()].flatMap(({ about }) => about)]
  if (there.some((one) => one.desc === entry.desc && one.schema === entry.schema && one.tag === entry.tag && one.defn === entry.defn)) return
  if (schema !== null && entry.schema === null && live.schemas.get(schema) === true) fates.about.push(entry)
  else fates.leftOut.push({ object: nameOfEntry(entry), cause: 'It is about an object that this restore does not make, and that stays as it is.' })
}

function count(counted: Map<string, number>, key: string): void {
  counted.set(key, (counted.get(key) ?? 0) + 1)
}
