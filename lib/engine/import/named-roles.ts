import { bare, meant, name } from './sql-names.ts'

const list = String.raw`${name}(?:\s*,\s*${name})*`
/** Where pg_dump names a role. */
const places = [
  { begins: /^ALTER\b/i, at: new RegExp(String.raw`\bOWNER\s+TO\s+(${name})\s*;?$`, 'i') },
  { begins: /^CREATE\s+SCHEMA\b/i, at: new RegExp(String.raw`\bAUTHORIZATION\s+(${name})`, 'i') },
  { begins: /^ALTER\s+DEFAULT\b/i, at: new RegExp(String.raw`\bFOR\s+(?:ROLE|USER)\s+(${list})`, 'i') },
  { begins: /^(?:GRANT|ALTER\s+DEFAULT)\b/i, at: new RegExp(String.raw`\bTO\s+(${list})\s*(?:WITH\b[^;]*|GRANTED\b[^;]*)?;?$`, 'i') },
  { begins: /^(?:REVOKE|ALTER\s+DEFAULT)\b/i, at: new RegExp(String.raw`\bFROM\s+(${list})\s*(?:CASCADE|RESTRICT|GRANTED\b[^;]*)?;?$`, 'i') },
  { begins: /^CREATE\s+POLICY\b/i, at: new RegExp(String.raw`\bTO\s+(${list})(?=\s+USING\b|\s+WITH\b|\s*;?$)`, 'i') },
  { begins: /^(?:CREATE|ALTER)\s+USER\s+MAPPING\b/i, at: new RegExp(String.raw`\bFOR\s+(${name})`, 'i') },
  { begins: /^SET\s+ROLE\b/i, at: new RegExp(String.raw`\bROLE\s+(?:TO\s+|=\s*)?(${name})`, 'i') },
] as const

/** Words that stand where a role does, and those that every server has. */
const never = /^(?:public|current_user|current_role|session_user|none|pg_.*)$/

/** The roles that a statement of a dump names: as owner, for whom a privilege is, or of a policy. Not `pg_…`, which every server has. */
export function rolesIn(statement: string): string[] {
  const text = bare(statement)
  const found = places.filter(({ begins }) => begins.test(text)).flatMap(({ at }) => writtenNames(at.exec(text)?.[1] ?? ''))
  return [...new Set(found.filter((role) => !never.test(role) && Buffer.byteLength(role) <= 63))]
}

function writtenNames(written: string): string[] {
  return [...written.matchAll(new RegExp(name, 'g'))].map(([one]) => meant(one))
}
