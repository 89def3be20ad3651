import { bare, meant, name, qualified } from './sql-names.ts'

/** What becomes of a statement before any server sees it. */
export type Rule =
  /** never carried out; `reason` in words */
  | { act: 'refuse'; reason: string }
  /** a change of owner in pg_dump's own form, which takes a superuser: nothing else of a dump is carried out by one */
  | { act: 'own'; role: string }
  | { act: 'run' }

const refused: { pattern: RegExp; reason: string }[] = [
  { pattern: /^COPY\b[\s\S]*\bPROGRAM\b/i, reason: 'runs a program on the server' },
  { pattern: /^COPY\b[\s\S]*\b(?:FROM|TO)\s+(?:E?'|\$)/i, reason: 'reads or writes a file of the server' },
  { pattern: /^(?:CREATE|ALTER|DROP)\s+(?:ROLE|GROUP|USER(?!\s+MAPPING))\b/i, reason: 'changes a role of the server, not of this database' },
  { pattern: /^(?:CREATE|ALTER|DROP)\s+(?:DATABASE|TABLESPACE)\b/i, reason: 'concerns the server or the database as a whole' },
  { pattern: /^ALTER\s+SYSTEM\b/i, reason: 'changes the server’s configuration' },
  { pattern: /^LOAD\b/i, reason: 'loads a program into the server' },
  { pattern: /^CREATE\s+EVENT\s+TRIGGER\b/i, reason: 'an event trigger runs whenever somebody changes a definition' },
  { pattern: /^(?:CREATE|ALTER)\s+SUBSCRIPTION\b/i, reason: 'would connect to another server' },
  { pattern: /^SET\s+(?:SESSION\s+|LOCAL\s+)?SESSION\s+AUTHORIZATION\b/i, reason: 'would change who carries the rest out' },
  {
    pattern: /^CREATE\s+(?:OR\s+REPLACE\s+)?(?:TRUSTED\s+)?(?:PROCEDURAL\s+)?LANGUAGE\s+(?!plpgsql\b)/i,
    reason: 'a language that may reach beyond the database',
  },
  {
    pattern: /\bLANGUAGE\s+'?(?:c|internal|plpython\w*|plperlu|pltclu)'?(?=\s|;|$)/i,
    reason: 'a function in a language that may reach beyond the database',
  },
]

const plainKinds =
  'TABLE|FOREIGN\\s+TABLE|VIEW|MATERIALIZED\\s+VIEW|SEQUENCE|TYPE|DOMAIN|SCHEMA|COLLATION|CONVERSION|PUBLICATION|STATISTICS|TEXT\\s+SEARCH\\s+(?:CONFIGURATION|DICTIONARY)'
/** Each object in the form in which pg_dump names it, and nothing beside it: a further subcommand could run the dump's own code. */
const owned = [
  String.raw`(?:${plainKinds})\s+(?:ONLY\s+)?${qualified}`,
  String.raw`(?:FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)\s+${qualified}\s*\((?:[^()';]|\(\d+(?:,\s*\d+)?\))*\)`,
  String.raw`OPERATOR\s+(?:CLASS|FAMILY)\s+${qualified}\s+USING\s+${name}`,
  String.raw`OPERATOR\s+(?:${name}\s*\.\s*)?[-+*/<>=~!@#%^&|?\x60]+\s*\([^()';]*\)`,
  String.raw`LARGE\s+OBJECT\s+\d+`,
].map((object) => new RegExp(String.raw`^ALTER\s+${object}\s+OWNER\s+TO\s+(${name})\s*;?$`, 'i'))

export function ruleFor(statement: string): Rule {
  const text = bare(statement)
  const found = refused.find(({ pattern }) => pattern.test(definitionOf(text)))
  if (found !== undefined) return { act: 'refuse', reason: found.reason }
  for (const form of owned) {
    const role = form.exec(text)?.[1]
    if (role !== undefined) return { act: 'own', role: meant(role) }
  }
  return { act: 'run' }
}

/** Without what stands in quotes, so that a text that only speaks of a program is not taken for one. The first quote is kept: it marks a file's name. */
function definitionOf(text: string): string {
  if (!/^(?:COPY|CREATE|ALTER|DROP|SET|LOAD)\b/i.test(text)) return ''
  return text
    .slice(0, 100_000)
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, (quoted) => (/^'\w{1,20}'$/.test(quoted) ? quoted : "''"))
    .replaceAll(/"(?:[^"]|"")*"/g, '""')
}

/**
 * Whether a statement that the server refused leaves something out. It does not where it would have set what this server does not know, dropped
 * or created what is so already.
 */
export function leavesSomethingOut(statement: string, sqlState: string | undefined): boolean {
  const text = bare(statement)
  if (/^SET\b/i.test(text) && (sqlState === '42704' || sqlState === '22023')) return false
  if (/^(?:DROP\b|ALTER\s+TABLE\b[\s\S]*\bDROP\b)/i.test(text) && /^(?:42P01|42704|3F000|42883|42703)$/.test(sqlState ?? '')) return false
  if (/^CREATE\s+(?:SCHEMA|EXTENSION)\b/i.test(text) && /^(?:42P06|42710)$/.test(sqlState ?? '')) return false
  if (/^COMMENT\s+ON\s+(?:EXTENSION|SCHEMA)\b/i.test(text) && sqlState === '42501') return false
  return !/\bLANGUAGE\s+plpgsql\b/i.test(text) || !/^(?:CREATE|ALTER)\s+(?:OR\s+REPLACE\s+)?(?:TRUSTED\s+)?(?:PROCEDURAL\s+)?LANGUAGE\b/i.test(text)
}
