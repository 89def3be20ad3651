import { type Closure, Dependencies } from './in-place-closure.ts'
import { groupsOf, isPlatformSchema, nameOfEntry, type ObjectGroup, pairUp, schemaOfEntry } from './in-place-entries.ts'
import { decideFates, type Fates, type LeftOut } from './in-place-fate.ts'
import { type Address, addressOf, type LiveDatabase } from './in-place-live.ts'
import type { Toc, TocEntry } from './toc.ts'

/** What a restore in place does to each object; entries in the order of their archive. */
export interface InPlaceChoice {
  /** of the backup, without the tables' data */
  create: TocEntry[]
  /** TABLE DATA of the backup */
  data: TocEntry[]
  /** of the live database, dropped before, the last first */
  drop: TocEntry[]
  /** of the live database: not in the backup, depends on what is replaced, dropped and made again by its own definition */
  recreate: TocEntry[]
  /** live objects that are in the way of a drop; `choice`: they can be dropped and made again, if a person wants that */
  stuck: { object: string; cause: string; choice: boolean }[]
  /** likewise, but without an entry of their own; known by address only */
  stuckUnnamed: Address[]
  /** live, attached to what is replaced, and not in the backup: they go with it */
  goes: TocEntry[]
  /** live, not in the backup, and nothing that is replaced concerns them */
  stays: TocEntry[]
  /** of the backup; the live ones are there and are not touched */
  kept: TocEntry[]
  leftOut: LeftOut[]
  /** live objects to be dropped that belong to roles which the connecting one cannot act as */
  notOurs: string[]
  /** such roles that objects would have to be given to */
  owners: string[]
  /** privileges that somebody else than the owner granted: only a superuser can give them again in his name */
  grantsOfOthers: string[]
  /** live relations of another kind under the name of one that is to be made */
  otherKind: string[]
  /** everything that is dropped, also parts without an entry: each takes a lock */
  gone: number
}

/** Made again from what pg_dump says of the live one. A table could not be: its rows would be lost. */
const mayComeAgain = /^(VIEW|MATERIALIZED VIEW|FK CONSTRAINT|TRIGGER|RULE|POLICY|FUNCTION|PROCEDURE|INDEX|STATISTICS|DEFAULT)$/
const relations = /^(TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|FOREIGN TABLE)$/
/** Those that a person knows by name; indexes and the like stay with their tables. */
const ofTheirOwn =
  /^(TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|FOREIGN TABLE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|SCHEMA|EXTENSION|PUBLICATION|EVENT TRIGGER|SERVER|COLLATION|OPERATOR)$/

export interface Choosing {
  backup: Toc
  live: LiveDatabase
  /** owners and privileges are left out on purpose */
  dropGrants: boolean
  /** live objects that depend on replaced ones are dropped and made again, where that is possible */
  dropDependents: boolean
}

/** Decides for each object. Pure: what it is told of the live database is all that it knows. */
export function chooseInPlace({ backup, live, dropGrants, dropDependents }: Choosing): InPlaceChoice {
  const [wanted, there] = [groupsOf(backup), groupsOf(live.toc)]
  const pairs = pairUp(wanted.groups, there.groups)
  const fates = decideFates(wanted, { live, loose: there.loose, pairs, dropGrants })
  const closure = closeOver(live, pairs, fates)
  const known = new Set(there.groups.map(({ main }) => keyOfAddress(main)))
  const replaced = new Set([...fates.create].flatMap((group) => pairs.get(group) ?? []))
  const drop = new Set(there.groups.filter(({ main }) => main.address !== undefined && closure.gone.has(keyOfAddress(main))))
  const { again, goes, stuck } = sortOut(
    [...drop].filter((group) => !replaced.has(group)),
    { closure, live, dropDependents },
  )
  const created = inOrder(backup, new Set([...fates.create, ...fates.renew]), fates.about)
  const data = dataOf(backup, fates)
  for (const entry of data.others) {
    if (isPlatformSchema(entry.schema ?? '', live)) continue
    fates.leftOut.push({ object: nameOfEntry(entry), cause: 'The rows of a table that an extension made are left as they are.' })
  }
  const counterparts = new Set(pairs.values())
  return {
    create: created,
    data: data.ofTables,
    drop: inOrder(live.toc, drop),
    recreate: inOrder(live.toc, again),
    stuck,
    stuckUnnamed: [...closure.dependents].filter((address) => !known.has(address)),
    goes,
    stays: there.groups
      .filter((group) => !drop.has(group) && !counterparts.has(group) && ofTheirOwn.test(group.main.desc))
      .map(({ main }) => main)
      .filter((main) => !isPlatformSchema(schemaOfEntry(main) ?? '', live)),
    kept: inOrder(backup, fates.keep),
    leftOut: fates.leftOut,
    notOurs: [...drop, ...[...fates.renew].flatMap((group) => pairs.get(group) ?? [])]
      .filter(({ main }) => main.owner && !live.actsAs.has(main.owner))
      .map(({ main }) => `${nameOfEntry(main)} (of ${main.owner})`),
    owners: dropGrants ? [] : ownersNotOurs(created, live),
    grantsOfOthers:
      dropGrants || live.superuser
        ? []
        : created.filter((entry) => entry.desc === 'ACL' && /^SET SESSION AUTHORIZATION /m.test(entry.defn)).map(nameOfEntry),
    otherKind: otherKind(fates.create, there.groups),
    gone: closure.gone.size,
  }
}

/** What was to be kept, or made over the live one, and depends on what is dropped is replaced as well, until nothing more is found. */
function closeOver(live: LiveDatabase, pairs: ReadonlyMap<ObjectGroup, ObjectGroup>, fates: Fates): Closure {
  const dependencies = new Dependencies(live.dependencies)
  const addressesOf = (groups: Iterable<ObjectGroup>) =>
    [...groups].flatMap((group) => {
      const main = pairs.get(group)?.main
      return main?.address === undefined ? [] : [keyOfAddress(main)]
    })
  for (;;) {
    const closure = dependencies.closure(addressesOf(fates.create))
    const pulled = [...fates.keep, ...fates.renew].filter((group) => addressesOf([group]).some((address) => closure.gone.has(address)))
    if (pulled.length === 0) return closure
    for (const group of pulled) {
      fates.keep.delete(group)
      fates.renew.delete(group)
      fates.create.add(group)
    }
  }
}

/** Of what goes and is not in the backup: what goes with its table, what is made again, and what cannot be. */
function sortOut(
  groups: readonly ObjectGroup[],
  how: { closure: Closure; live: LiveDatabase; dropDependents: boolean },
): { again: Set<ObjectGroup>; goes: TocEntry[]; stuck: InPlaceChoice['stuck'] } {
  const [again, goes, stuck] = [new Set<ObjectGroup>(), [] as TocEntry[], [] as InPlaceChoice['stuck']]
  for (const group of groups) {
    const { main } = group
    const object = nameOfEntry(main)
    const attached = how.closure.attached.has(keyOfAddress(main))
    if (attached && /^(TABLE|FOREIGN TABLE)$/.test(main.desc)) {
      const cause = 'It is a partition of a table that is replaced and would go with it, rows and all. Detach it first, or drop it yourself.'
      stuck.push({ object, cause, choice: false })
    } else if (attached) goes.push(main)
    else {
      again.add(group)
      const why = whyNotAgain(main, how.live)
      if (why !== null) stuck.push({ object, cause: why, choice: false })
      else if (!how.dropDependents) stuck.push({ object, cause: 'It depends on what is replaced.', choice: true })
    }
  }
  return { again, goes, stuck }
}

function whyNotAgain(main: TocEntry, live: LiveDatabase): string | null {
  if (!mayComeAgain.test(main.desc)) return 'It depends on what is replaced, and cannot be dropped and made again without loss.'
  if (main.owner !== null && !live.actsAs.has(main.owner)) return `It depends on what is replaced, and belongs to ${main.owner}.`
  return null
}

function inOrder(toc: Toc, groups: ReadonlySet<ObjectGroup>, more: readonly TocEntry[] = []): TocEntry[] {
  const ids = new Set(more.map((entry) => entry.dumpId))
  for (const { main, about } of groups) for (const entry of [main, ...about]) ids.add(entry.dumpId)
  return toc.entries.filter((entry) => ids.has(entry.dumpId))
}

function dataOf(backup: Toc, fates: Fates): { ofTables: TocEntry[]; others: TocEntry[] } {
  const tables = new Set([...fates.create].filter(({ main }) => main.desc === 'TABLE').map(({ main }) => main.dumpId))
  const data = backup.entries.filter((entry) => entry.desc === 'TABLE DATA')
  const isOfTable = (entry: TocEntry) => entry.dependencies.some((dumpId) => tables.has(dumpId))
  return { ofTables: data.filter(isOfTable), others: data.filter((entry) => !isOfTable(entry)) }
}

function ownersNotOurs(created: readonly TocEntry[], live: LiveDatabase): string[] {
  const owners = new Set(created.flatMap(({ owner }) => (owner === null ? [] : [owner])))
  return [...owners].filter((owner) => live.roles.has(owner) && !live.actsAs.has(owner)).sort()
}

function otherKind(create: ReadonlySet<ObjectGroup>, there: readonly ObjectGroup[]): string[] {
  const live = new Map(there.filter(({ main }) => relations.test(main.desc)).map(({ main }) => [JSON.stringify([main.schema, main.tag]), main.desc]))
  return [...create].flatMap(({ main }) => {
    const kind = relations.test(main.desc) ? live.get(JSON.stringify([main.schema, main.tag])) : undefined
    return kind === undefined || kind === main.desc ? [] : [`${nameOfEntry(main)} (a ${kind.toLowerCase()} is there)`]
  })
}

function keyOfAddress({ address }: TocEntry): Address {
  return addressOf(address?.classOid ?? 0, address?.oid ?? 0)
}
