import type { Client } from 'pg'

/** Where and as whom to connect. The password leaves this object only into a 0600 password file or node-pg. */
export interface Connection {
  host: string
  port: number
  dbname: string
  username: string
  password: string | null
  /** `disable` is accepted for loopback only */
  sslMode: 'verify-full' | 'disable'
  /** CA certificates that replace the system's; null: the system's */
  caPem: string | null
  /** at most 63 bytes; every backend of the attempt carries it */
  applicationName: string
}

export interface OpenOptions {
  signal?: AbortSignal
  /** a session that may write; default false: read-only */
  writable?: boolean
  /** how long "too many clients" and "starting up" are tried again, with jitter; default 10 s */
  retryForMs?: number
  statementTimeoutMs?: number
  lockTimeoutMs?: number
}

/** Opens a session with an empty search_path, read-only, with statement and lock timeouts. Throws LifeboatError. The caller ends it. */
export async function openClient(_conn: Connection, _options: OpenOptions = {}): Promise<Client> {
  throw new Error('not built yet')
}
/** Runs `work` with a private 0700 directory below `stagingDir` holding the 0600 password file, removed afterwards. */
export async function withToolEnv<T>(
  _conn: Connection,
  _stagingDir: string,
  _work: (tool: { env: Record<string, string>; dir: string }) => Promise<T>,
): Promise<T> {
  throw new Error('not built yet')
}
