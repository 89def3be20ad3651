import { LifeboatError } from './errors.ts'

export interface ParsedConnection {
  host: string
  port: number
  dbname: string
  username: string
  password: string | null
  sslMode: 'verify-full' | 'disable'
}

const hint = 'Use postgresql://user:password@host:5432/database. Nothing was contacted.'
const wrong = (message: string) => new LifeboatError('usage', message, hint)

/**
 * Parses `postgresql://user:password@host:port/dbname?sslmode=…`. Only host, port, dbname, user, password and sslmode are taken;
 * everything else that libpq would understand (passfile, service, options, sslkey, hostaddr, lists of hosts, socket paths) is refused,
 * as it would read files or redirect the connection. Throws LifeboatError usage; its message never repeats the password.
 */
export function parseConnectionUrl(url: string): ParsedConnection {
  // not `new URL`: it lets control characters vanish and trips over names that libpq accepts
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url.trim())
  if (!match) throw wrong('That is not a PostgreSQL connection URL.')
  const [, credentials = '', address = '', path = '', query = ''] = match
  const [user = '', ...passwordParts] = credentials.split(':')
  const parameters = parseQuery(query)

  const username = decode(user)
  if (username === '') throw wrong('The connection URL names no user.')
  const dbname = decode(path) || username
  const { host, port } = parseAddress(address)
  return {
    host,
    port,
    dbname: checkText(dbname, 'database name'),
    username: checkText(username, 'user'),
    password: passwordParts.length === 0 ? null : decode(passwordParts.join(':')),
    sslMode: sslModeOf(parameters, host),
  }
}

/** Loopback by address or by name: the only place where plaintext is accepted. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

/** A host name or an IP address and nothing else: no socket path, no list, no `key=value`. */
export function isHost(host: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(host) || /^[0-9A-Fa-f:]{2,39}(%[A-Za-z0-9]{1,15})?$/.test(host)
}

function parseAddress(address: string): { host: string; port: number } {
  if (address.includes(',')) throw wrong('The connection URL names several hosts; name one.')
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(address)
  const host = decode(match?.[1] ?? match?.[2] ?? '')
  if (!match || host === '') throw wrong('The connection URL names no host.')
  if (!isHost(host)) throw wrong('The host of the connection URL is neither a host name nor an IP address.')
  const port = match[3] === undefined ? 5432 : Number(match[3])
  if (port < 1 || port > 65_535) throw wrong('The port of the connection URL is not between 1 and 65535.')
  return { host, port }
}

function parseQuery(query: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const pair of query.split('&').filter(Boolean)) {
    const [key = '', value = ''] = pair.split(/=(.*)/s)
    const name = decode(key)
    // Supabase and other consoles append these; they are true of every connection that we make, or without meaning for us
    if (['application_name', 'connect_timeout', 'pgbouncer', 'supa'].includes(name)) continue
    if (name !== 'sslmode') throw wrong(`The connection URL may not set “${name.slice(0, 40)}”.`)
    found.set(name, decode(value))
  }
  return found
}

/** Outside loopback every mode becomes verify-full: weaker ones encrypt without knowing to whom. */
function sslModeOf(parameters: Map<string, string>, host: string): ParsedConnection['sslMode'] {
  const mode = parameters.get('sslmode')
  if (mode !== undefined && !['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw wrong('The sslmode of the connection URL is not one that PostgreSQL knows.')
  }
  if (!isLoopback(host)) {
    if (mode === 'disable' || mode === 'allow') throw wrong('Connections outside this machine must use TLS; sslmode=disable is refused.')
    return 'verify-full'
  }
  return mode === 'verify-full' || mode === 'verify-ca' || mode === 'require' ? 'verify-full' : 'disable'
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong('The connection URL holds a % that is not an escape; write it as %25.')
  }
}

function checkText(text: string, what: string): string {
  if (text.includes('\0')) throw wrong(`The ${what} holds a NUL character.`)
  if (new TextEncoder().encode(text).length > 63) throw wrong(`The ${what} is longer than 63 bytes.`)
  return text
}
