export interface ParsedConnection {
  host: string
  port: number
  dbname: string
  username: string
  password: string | null
  sslMode: 'verify-full' | 'disable'
}
/** Parses `postgresql://user:password@host:port/dbname?sslmode=…`; throws LifeboatError usage for anything outside the allow-list. */
export function parseConnectionUrl(_url: string): ParsedConnection {
  throw new Error('not built yet')
}
