import { LifeboatError } from '#lib/domain/errors.ts'
import { quoteName } from './quote-name.ts'
import { readSql } from './sql-reader.ts'

/** role of the backup -> role of the target that takes its place */
export type RoleMap = Readonly<Record<string, string>>

/** A name as pg_dump writes it: plain, or quoted. */
const name = '(?:"(?:[^"]|"")+"|[^\\s",;().]+)'
const pattern = (text: string) => new RegExp(text.replaceAll('NAME', name))

const grant = pattern('^((?:GRANT|REVOKE) [\\s\\S]* (?:TO|FROM) )(NAME)((?: WITH GRANT OPTION)?;)$')
const session = pattern('^(SET SESSION AUTHORIZATION )(NAME)(;)$')
const reset = /^RESET SESSION AUTHORIZATION;$/
const defaults = pattern('^(ALTER DEFAULT PRIVILEGES FOR ROLE )(NAME)( [\\s\\S]*;)$')
const policy = pattern(
  '^(CREATE POLICY NAME ON NAME\\.NAME(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO )(NAME(?:, NAME)*)((?: USING | WITH CHECK |;)[\\s\\S]*)$',
)
const publicPolicy = pattern('^CREATE POLICY NAME ON NAME\\.NAME(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)?(?: USING | WITH CHECK |;)')
const mapping = pattern('^(CREATE USER MAPPING FOR )(NAME)( SERVER [\\s\\S]*;)$')

/** What says of a role by name, in its definition; an owner stands apart. */
export const namesRoles: ReadonlySet<string> = new Set(['ACL', 'ACL LANGUAGE', 'DEFAULT ACL', 'POLICY', 'USER MAPPING'])

/**
 * The definition of an entry whose kind is in `namesRoles`, with the roles of the map in place of those of the backup. Throws `refused` where it
 * is not written as pg_dump writes it: nothing is ever left as it was by not being understood.
 */
export async function mapRoleNames(desc: string, defn: string, map: RoleMap): Promise<string> {
  const mapped: string[] = []
  async function* whole() {
    yield Buffer.from(defn)
  }
  for await (const item of readSql(whole())) {
    if (item.kind !== 'statement') throw unknownShape(desc)
    mapped.push(mapStatement(desc, item.text, map))
  }
  return mapped.map((statement) => `${statement}\n`).join('')
}

function mapStatement(desc: string, statement: string, map: RoleMap): string {
  const one = (found: RegExpExecArray): string => `${found[1]}${mapName(found[2] ?? '', map)}${found[3]}`
  switch (desc) {
    case 'POLICY': {
      const found = policy.exec(statement)
      if (found === null && publicPolicy.test(statement)) return statement
      if (found === null) break
      const roles = [...(found[2] ?? '').matchAll(new RegExp(name, 'g'))].map(([role]) => mapName(role, map))
      return `${found[1]}${[...new Set(roles)].join(', ')}${found[3]}`
    }
    case 'USER MAPPING': {
      const found = mapping.exec(statement)
      if (found !== null) return one(found)
      break
    }
    case 'DEFAULT ACL': {
      const found = defaults.exec(statement)
      const rest = found === null ? null : grant.exec(`GRANT${found[3]}`)
      if (found === null || rest === null) break
      return `${found[1]}${mapName(found[2] ?? '', map)}${one(rest).slice('GRANT'.length)}`
    }
    default: {
      if (reset.test(statement)) return statement
      const found = grant.exec(statement) ?? session.exec(statement)
      if (found !== null) return one(found)
    }
  }
  throw unknownShape(desc)
}

/** PUBLIC is no role. */
function mapName(written: string, map: RoleMap): string {
  if (written === 'PUBLIC') return written
  const role = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written
  const next = Object.hasOwn(map, role) ? map[role] : undefined
  return next === undefined ? written : asDumped(next)
}

/** Quoted as pg_dump quotes, so far as that can be told without its list of keywords: a difference is no other role. */
function asDumped(role: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(role) && role !== 'public' && role !== 'user' ? role : quoteName(role)
}

function unknownShape(desc: string): LifeboatError {
  return new LifeboatError(
    'refused',
    `The backup holds a ${desc.toLowerCase()} whose roles cannot be told, so they cannot be mapped.`,
    'Nothing was touched. Create the missing roles without a password instead, or leave owners and privileges out.',
  )
}
