import type { LookupAddress } from 'node:dns'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { onlyThese } from '#lib/egress/checked-lookup.ts'

/** A connection to one of the checked addresses; with `tls` from the first byte, for the name `host`. Rejects with Node's error. */
export function connectChecked(
  host: string,
  port: number,
  addresses: LookupAddress[],
  { tls, signal }: { tls: boolean; signal: AbortSignal },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const to = { host, port, lookup: onlyThese(addresses), autoSelectFamily: true }
    const socket = tls ? connectTls({ ...to, ...(isName(host) ? { servername: host } : {}), minVersion: 'TLSv1.2' }) : connect(to)
    const stop = () => socket.destroy(new Error('aborted'))
    signal.addEventListener('abort', stop, { once: true })
    socket.once('error', reject)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', stop)
      socket.removeListener('error', reject)
      resolve(socket)
    })
  })
}

function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && !host.includes(':')
}
