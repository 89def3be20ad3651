import { LifeboatError } from '#lib/domain/errors.ts'
import type { LargeObject } from './clone-objects.ts'
import type { Globals } from './globals.ts'
import { mapRoleNames, namesRoles, type RoleMap } from './map-role-names.ts'
import { type Place, tocPlaces } from './toc-places.ts'
import { rewriteToc } from './toc-rewrite.ts'

/**
 * The table of contents with other roles: owners, grantees, grantors, policies, default privileges. Everything that reads it afterwards —
 * pg_restore, the comparison, the second load — then means the same roles, and nothing has to be moved in the restored database. The bytes
 * come authenticated from the backup; no other field changes.
 */
export async function mapRolesOfToc(toc: Buffer, map: RoleMap): Promise<Buffer> {
  if (Object.keys(map).length === 0) return toc
  const { encoding, intSize, entries } = tocPlaces(toc)
  const text: BufferEncoding = encoding === 'UTF8' ? 'utf8' : 'latin1'
  if (text === 'latin1' && !Object.entries(map).flat().every(isAscii)) {
    throw new LifeboatError(
      'refused',
      `Names of the backup stand in ${encoding}: only roles with plain names can be mapped.`,
      'Nothing was touched. Create the missing roles without a password instead.',
    )
  }
  const changes: { place: Place; bytes: Buffer }[] = []
  const put = (place: Place, value: string) => changes.push({ place, bytes: Buffer.from(value, text) })
  for (const entry of entries) {
    const read = (place: { textBegin: number; end: number }) => toc.toString(text, place.textBegin, place.end)
    // in the order in which they stand
    if (entry.desc === 'USER MAPPING') {
      const tag = read(entry.tag)
      const [whole, role] = /^USER MAPPING (.*) SERVER /s.exec(tag) ?? []
      const next = role === undefined ? undefined : mapped(map, role)
      if (next !== undefined && whole !== undefined) put(entry.tag, `USER MAPPING ${next} SERVER ${tag.slice(whole.length)}`)
    }
    if (namesRoles.has(entry.desc)) put(entry.defn, await mapRoleNames(entry.desc, read(entry.defn), map))
    const owner = mapped(map, read(entry.owner))
    if (owner !== undefined) put(entry.owner, owner)
  }
  return rewriteToc(toc, intSize, changes)
}

/** The same of what belongs to the database as a whole. Settings of two roles that become one are both applied, the later one wins. */
export function mapRolesOfGlobals(globals: Globals, map: RoleMap): Globals {
  const of = (role: string) => mapped(map, role) ?? role
  const { database } = globals
  return {
    ...globals,
    roles: globals.roles.filter((role) => mapped(map, role.name) === undefined),
    memberships: globals.memberships.filter((one) => mapped(map, one.role) === undefined && mapped(map, one.member) === undefined),
    databaseSettings: globals.databaseSettings.map((one) => ({ ...one, role: one.role === null ? null : of(one.role) })),
    ...(database === undefined
      ? {}
      : {
          database: {
            ...database,
            owner: of(database.owner),
            privileges: withoutRepeats(
              database.privileges.map((one) => ({ ...one, grantor: of(one.grantor), grantee: one.grantee === null ? null : of(one.grantee) })),
            ),
          },
        }),
  }
}

/** The same of large objects that are cloned, which no table of contents names. */
export function mapRolesOfObjects(objects: readonly LargeObject[], map: RoleMap): LargeObject[] {
  if (Object.keys(map).length === 0) return [...objects]
  const of = (role: string) => mapped(map, role) ?? role
  return objects.map((object) => ({
    ...object,
    owner: of(object.owner),
    privileges:
      object.privileges === null
        ? null
        : withoutRepeats(object.privileges.map((one) => ({ ...one, grantee: one.grantee === null ? null : of(one.grantee) }))),
  }))
}

function withoutRepeats<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

function mapped(map: RoleMap, role: string): string | undefined {
  return Object.hasOwn(map, role) ? map[role] : undefined
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
