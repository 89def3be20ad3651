import { connect } from 'node:tls'
import { LifeboatError } from '#lib/domain/errors.ts'
import { assertLiteralAllowed, checkedLookup } from '#lib/egress/checked-lookup.ts'
import { withDeadline } from '../process/deadline.ts'

const deadlineMs = 10_000

/**
 * When the certificate of an https endpoint ends; null where there is none to see (http, nothing answered, or its address is one that is never
 * connected to: that is another check's to say). It goes where the storage's driver may go, and nowhere else: decision 033.
 * Only the handshake is made, and nothing is sent: a certificate that nobody may trust any more is read as well.
 */
export async function certificateOf(endpoint: string, signal: AbortSignal): Promise<Date | null> {
  const url = URL.parse(endpoint)
  if (url?.protocol !== 'https:') return null
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  const late = () => new LifeboatError('storage_unreachable', `${host} made no TLS handshake in time.`)
  try {
    assertLiteralAllowed(host)
    return await withDeadline({ ms: deadlineMs, late, signal }, (deadline) => handshake(host, Number(url.port || 443), deadline))
  } catch {
    signal.throwIfAborted()
    return null
  }
}

function handshake(host: string, port: number, signal: AbortSignal): Promise<Date | null> {
  return new Promise((resolve, reject) => {
    const named = /[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}
    // not checked, because it is only read: no byte of ours goes through this connection
    const socket = connect({ host, port, lookup: checkedLookup, ...named, rejectUnauthorized: false, minVersion: 'TLSv1.2' })
    const stop = () => socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    socket.once('secureConnect', () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to)
      socket.destroy()
      resolve(Number.isNaN(ends) ? null : new Date(ends))
    })
    socket.once('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', stop)
      reject(new LifeboatError('storage_unreachable', 'The connection was closed.'))
    })
  })
}
