import { LifeboatError } from '#lib/domain/errors.ts'
import { LargeObjectEntries, largeObjectOf } from './toc-large-objects.ts'
import { type Repeated, TocReader } from './toc-reader.ts'

export interface TocEntry {
  dumpId: number
  /** pg_depend's name of the object in the database that was dumped: OID of its catalogue and its own; absent where the entry is no object */
  address?: { classOid: number; oid: number }
  /** `TABLE`, `TABLE DATA`, `BLOBS`, … */
  desc: string
  schema: string | null
  tag: string
  owner: string | null
  /** 1 none (privileges, comments), 2 pre-data, 3 data, 4 post-data */
  section: number
  /** empty for a large object, which says no more than its tag */
  defn: string
  /** `COPY schema.table (columns) FROM stdin;` of a TABLE DATA entry */
  copyStatement: string | null
  dependencies: readonly number[]
  /** data file in the directory; null where there is none */
  filename: string | null
  /** TABLE DATA that pg_restore loads through the partition root */
  viaPartitionRoot: boolean
}
export interface Toc {
  /** `1.14` */
  archiveVersion: string
  dbname: string
  serverVersion: string
  toolVersion: string
  /** of the names and of the data */
  encoding: string
  /** all but those of largeObjects */
  entries: TocEntry[]
  /** each large object with its privileges, comment and labels */
  largeObjects: LargeObjectEntries
}

/** What this parser reads, and what the tools of majors 12 to 18 write. */
export const readableArchives = ['1.14', '1.15', '1.16'] as const
/** An archive version and the lowest pg_restore major that reads it. */
export const restoreMajorFor: Readonly<Record<string, number>> = { '1.14': 12, '1.15': 16, '1.16': 17 }

const maxEntries = 10_000_000

/** `1.14` of a toc.dat; throws LifeboatError corrupt where it is none. Reads the first bytes only. */
export function archiveVersionOf(bytes: Buffer): string {
  if (bytes.length < 11 || bytes.toString('latin1', 0, 5) !== 'PGDMP') throw corrupt('it does not begin as one')
  return `${bytes[5]}.${bytes[6]}`
}

/**
 * Parses the toc.dat of a directory archive, versions 1.14 to 1.16 (pg_backup_archiver.c, ReadHead and ReadToc).
 * Treats it as hostile: every length is checked against what is left; throws LifeboatError corrupt.
 */
export function parseToc(bytes: Buffer): Toc {
  const archiveVersion = archiveVersionOf(bytes)
  if (!(readableArchives as readonly string[]).includes(archiveVersion)) {
    throw new LifeboatError(
      'tools_outdated',
      `The table of contents has archive version ${archiveVersion}, which this version cannot read.`,
      'Nothing was changed. Upgrade Lifeboat and the PostgreSQL client tools.',
    )
  }
  const minor = bytes[6] ?? 0
  const intSize = bytes[8] ?? 0
  const format = bytes[10]
  // the directory format marks its toc.dat as tar (3)
  if (intSize !== 4 && intSize !== 8) throw corrupt('its integers have an impossible size')
  if (format !== 3 && format !== 5) throw corrupt('it is not that of a directory')
  const reader = new TocReader(bytes, 11, intSize)
  if (minor >= 15) reader.byte()
  else reader.int()
  for (let field = 0; field < 7; field++) reader.int()
  const dbname = reader.text() ?? ''
  const serverVersion = reader.text() ?? ''
  const toolVersion = reader.text() ?? ''

  const count = reader.int()
  if (count < 0 || count > maxEntries) throw corrupt('its number of entries is impossible')
  const entries: TocEntry[] = []
  const largeObjects = new LargeObjectEntries()
  let encoding = 'UTF8'
  const seen = new Set<number>()
  const last: Last = { desc: { ...nothing }, schema: { ...nothing }, owner: { ...nothing } }
  for (let index = 0; index < count; index++) {
    const entry = readEntry(reader, minor, last)
    if (entry.dumpId <= 0 || seen.has(entry.dumpId)) throw corrupt('an entry’s id is impossible or stands twice')
    seen.add(entry.dumpId)
    if (entry.desc === 'ENCODING') {
      encoding = reader.useEncoding(entry.defn)
      for (const one of Object.values(last)) one.length = -1
    }
    const oid = largeObjectOf(entry)
    if (oid === null) entries.push(entry)
    else largeObjects.add(entry, oid)
  }
  if (!reader.atEnd()) throw corrupt('bytes follow its last entry')
  return { archiveVersion, dbname, serverVersion, toolVersion, encoding, entries, largeObjects }
}

/** The entries with table data, each with the file that pg_restore will open: `<dumpId>.dat` and nothing else. */
export function tableData(toc: Toc): TocEntry[] {
  const found = toc.entries.filter((entry) => entry.desc === 'TABLE DATA' && entry.filename !== null)
  for (const entry of found) {
    if (entry.filename !== `${entry.dumpId}.dat`) throw corrupt('a table’s data file has an unexpected name')
  }
  return found
}

/** Type, schema, name and owner of each entry, in a stable order: two schemas are the same set when these are equal. */
export function tocIdentity(toc: Toc): string[] {
  const objects = [...toc.largeObjects.objects()].flatMap(({ entries }) => entries)
  return [...toc.entries, ...objects]
    .filter((entry) => !['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES'].includes(entry.desc))
    .map((entry) => JSON.stringify([entry.desc, entry.schema, entry.tag, entry.owner]))
    .sort()
}

interface Last {
  desc: Repeated
  schema: Repeated
  owner: Repeated
}
const nothing: Repeated = { begin: 0, length: -1, text: '' }
const noDependencies: readonly number[] = []

function readEntry(reader: TocReader, minor: number, last: Last): TocEntry {
  const dumpId = reader.int()
  reader.int() // had a data dumper
  const classOid = Number(reader.text())
  const oid = Number(reader.text())
  const tag = reader.text() ?? ''
  const desc = reader.sameText(last.desc) ?? ''
  const section = reader.int()
  const isObject = desc === 'BLOB'
  if (isObject) reader.skip()
  const defn = isObject ? '' : (reader.text() ?? '')
  reader.skip() // drop statement
  const copyStatement = reader.text()
  const schema = reader.sameText(last.schema)
  reader.skip() // tablespace
  reader.skip() // table access method
  if (minor >= 16) reader.int() // relkind
  const owner = reader.sameText(last.owner)
  reader.skip() // WITH OIDS, always "false"
  let dependencies: number[] | null = null
  for (let next = reader.text(); next !== null; next = reader.text()) {
    if (!/^\d{1,10}$/.test(next)) throw corrupt('a dependency is not a number')
    dependencies ??= []
    dependencies.push(Number(next))
  }
  const filename = reader.text() || null
  if (filename !== null && !/^(\d+\.dat|blobs(_\d+)?\.toc)$/.test(filename)) throw corrupt('a data file’s name is not one that pg_dump gives')
  return {
    dumpId,
    ...(classOid > 0 && oid > 0 && desc !== 'BLOB' ? { address: { classOid, oid } } : {}),
    desc,
    schema: schema || null,
    tag,
    owner: owner || null,
    section,
    defn,
    copyStatement: copyStatement || null,
    dependencies: dependencies ?? noDependencies,
    filename,
    viaPartitionRoot: desc === 'TABLE DATA' && defn.startsWith('-- load via partition root '),
  }
}

function corrupt(why: string): LifeboatError {
  return new LifeboatError('corrupt', `The table of contents is damaged: ${why}.`, 'Nothing was restored from it. Use another copy or backup.')
}
