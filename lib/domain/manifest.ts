import { z } from 'zod'

/** docs/backup-format.md describes this document; version 1. Sizes are bytes, times ISO 8601 in UTC, hashes lower-case hex. */
const hex64 = z.string().regex(/^[0-9a-f]{64}$/)

export const entryKinds = ['toc', 'table', 'large_objects', 'globals', 'sequence_state'] as const

export const manifestEntry = z.object({
  ordinal: z.number().int().min(1).max(9_999_999),
  kind: z.enum(entryKinds),
  /** pg_dump's dump id: names the NNNN.dat file that pg_restore expects. Only for kind `table`. */
  dumpId: z.number().int().optional(),
  schema: z.string().optional(),
  table: z.string().optional(),
  rows: z.number().int().nonnegative().optional(),
  rawBytes: z.number().int().nonnegative(),
  storedBytes: z.number().int().nonnegative(),
  rawSha256: hex64,
  storedSha256: hex64,
  /** The table is loaded through its partition root (pg_dump --load-via-partition-root): compare per root, order-independent. */
  viaPartitionRoot: z.boolean().optional(),
})
export type ManifestEntry = z.infer<typeof manifestEntry>

export const manifest = z.object({
  format: z.literal('lifeboat/1'),
  backupId: z.uuid(),
  /** eight hex digits; part of the directory's name */
  attempt: z.string().regex(/^[0-9a-f]{8}$/),
  path: z.string(),
  name: z.string(),
  tier: z.string(),
  database: z.object({
    id: z.uuid(),
    name: z.string(),
    dbname: z.string(),
    host: z.string(),
    port: z.number().int(),
    systemIdentifier: z.string().nullable(),
    oid: z.number().int(),
  }),
  previousManifestSha256: hex64.nullable(),
  versions: z.object({
    lifeboat: z.string(),
    server: z.string(),
    serverNum: z.number().int(),
    tool: z.string(),
    archive: z.string(),
  }),
  /** The session settings that shape COPY text and that a comparison must set again. */
  settings: z.object({
    TimeZone: z.string(),
    DateStyle: z.string(),
    IntervalStyle: z.string(),
    extra_float_digits: z.string(),
    bytea_output: z.string(),
    lc_monetary: z.string(),
    client_encoding: z.string(),
    server_encoding: z.string(),
    lc_collate: z.string(),
    lc_ctype: z.string(),
  }),
  /** What the restore plan needs to know before it reads an entry. */
  needs: z.object({
    extensions: z.array(z.object({ name: z.string(), version: z.string() })),
    roles: z.array(z.string()),
    tablespaces: z.array(z.string()),
    databaseBytes: z.number().int().nonnegative(),
    largeObjects: z.number().int().nonnegative(),
  }),
  timings: z.object({
    snapshotAt: z.iso.datetime(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime(),
  }),
  entries: z.array(manifestEntry).min(1),
  totals: z.object({
    entries: z.number().int(),
    tables: z.number().int(),
    rows: z.number().int(),
    rawBytes: z.number().int(),
    storedBytes: z.number().int(),
  }),
  suspicious: z.string().nullable(),
  /** Only of an imported backup: the file of the older scripts that it was made from. */
  origin: z
    .object({
      file: z.string(),
      sha256: hex64,
      bytes: z.number().int(),
      /** `sql.gz.enc` and the like, by what was found in it */
      format: z.string(),
      takenAt: z.iso.datetime(),
      takenAtFrom: z.enum(['header', 'name', 'file_time']),
      /** statements that were not carried out */
      refused: z.number().int().nonnegative(),
    })
    .optional(),
})
export type Manifest = z.infer<typeof manifest>
