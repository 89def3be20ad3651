export interface TocEntry {
  dumpId: number
  /** `TABLE`, `TABLE DATA`, `BLOBS`, … */
  desc: string
  schema: string | null
  tag: string
  owner: string | null
  defn: string
  dependencies: number[]
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
  entries: TocEntry[]
}
/** Parses a toc.dat; throws LifeboatError corrupt for anything out of bounds. */
export function parseToc(_bytes: Buffer): Toc {
  throw new Error('not built yet')
}
