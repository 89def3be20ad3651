import { LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from './connection.ts'

/**
 * Names the class of a failed connection: unreachable (detail.reason: refused, dns, timeout, closed, starting, no_database, closed_database),
 * access_denied, tls, too_many_connections, privileges. Texts of servers are not repeated: they would make a port scanner of us.
 */
export function asConnectionError(error: unknown, conn: Pick<Connection, 'host' | 'port' | 'dbname' | 'username'>): LifeboatError {
  if (error instanceof LifeboatError) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const where = `${conn.host}:${conn.port}`
  const make = (kind: ConstructorParameters<typeof LifeboatError>[0], text: string, hint: string, reason: string) =>
    new LifeboatError(kind, text, hint, { cause: error, detail: { reason } })

  if (code === 'ECONNREFUSED')
    return make('unreachable', `Nothing answers at ${where}.`, 'Check that the server runs and that host and port are right.', 'refused')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return make('unreachable', `The host name ${conn.host} cannot be resolved.`, 'Check the name, and the DNS of the worker’s machine.', 'dns')
  }
  if (code === '28P01' || code === '28000' || message.includes('SASL')) {
    return make('access_denied', `${where} refused user ${conn.username}.`, 'Check user and password, and what pg_hba.conf allows.', 'auth')
  }
  if (code === '3D000') {
    return make('unreachable', `There is no database “${conn.dbname}” on ${where}.`, 'Check the name of the database.', 'no_database')
  }
  if (code === '55000') {
    const hint = 'Its owner may open it: ALTER DATABASE … ALLOW_CONNECTIONS true. A database that a swap keeps is closed on purpose.'
    return make('unreachable', `The database “${conn.dbname}” on ${where} lets nobody in.`, hint, 'closed_database')
  }
  if (code === '42501') {
    return make('privileges', `User ${conn.username} may not connect to “${conn.dbname}”.`, 'GRANT CONNECT ON DATABASE to that user.', 'connect')
  }
  if (code === '53300' || message.includes('too many clients') || message.includes('no more connections allowed')) {
    return make(
      'too_many_connections',
      `${where} has no free connection.`,
      'It was tried several times. Free connections or raise max_connections, then try again.',
      'full',
    )
  }
  if (code === '57P03') return make('unreachable', `${where} is starting up or shutting down.`, 'Try again in a minute.', 'starting')
  if (isTls(code, message)) {
    return make(
      'tls',
      `${where} did not prove its identity: ${tlsReason(code, message)}.`,
      'No password was sent. Upload the CA certificate that signed the server’s certificate, and use the host name that stands in it.',
      'tls',
    )
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || message.includes('timeout')) {
    return make('unreachable', `${where} did not answer in time.`, 'Check firewall and network between the worker and the server.', 'timeout')
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || message.includes('Connection terminated')) {
    return make('unreachable', `${where} closed the connection.`, 'Check the server’s log.', 'closed')
  }
  return make('unreachable', `The connection to ${where} failed.`, 'Check the server’s log and the connection’s settings.', 'other')
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function isTls(code: string, message: string): boolean {
  return /CERT|SSL|TLS|ISSUER|SELF_SIGNED|UNABLE_TO/.test(code) || /does not support SSL|certificate|SSL|TLS/i.test(message)
}

function tlsReason(code: string, message: string): string {
  if (message.includes('does not support SSL')) return 'it offers no TLS'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another host name'
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  if (/SELF_SIGNED|ISSUER|UNABLE_TO/.test(code)) return 'its certificate is not signed by a CA that is trusted here'
  return 'the TLS handshake failed'
}
