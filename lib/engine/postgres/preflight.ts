import type { Finding } from '#lib/domain/plan.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { Connection } from './connection.ts'
import type { ToolReport } from './tools.ts'

export interface ServerFacts {
  version: string
  versionNum: number
  systemIdentifier: string | null
  /** of the database */
  oid: number
  /** `TLSv1.3`; null for plaintext */
  tlsVersion: string | null
  databaseBytes: number
  encoding: string
  collate: string
  ctype: string
  isPooler: boolean
  isSuperuser: boolean
  connectionsFree: number
}
export interface TableFacts {
  schema: string
  table: string
  oid: number
  /** the planner's estimate; 0 where the table was never analysed */
  estimatedRows: number
  bytes: number
}
export interface PreflightOptions {
  tools: ToolReport[]
  /** null: no staging check (a connection test from a machine that takes no backups) */
  stagingDir: string | null
  signal?: AbortSignal
  forKind: 'backup' | 'check' | 'restore'
  jobs?: number
  retryForMs?: number
}
export interface Preflight {
  /** null: the server could not be reached; findings say why */
  server: ServerFacts | null
  findings: Finding[]
  tables: TableFacts[]
  needs: Manifest['needs']
  settings: Manifest['settings'] | null
}

/** Never throws for what a person can mend: it returns findings. Throws the signal's reason when aborted. */
export async function preflight(_conn: Connection, _options: PreflightOptions): Promise<Preflight> {
  throw new Error('not built yet')
}
