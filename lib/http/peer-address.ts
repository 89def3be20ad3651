import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { peerHeader } from '#lib/auth/client-address.ts'

/**
 * A route handler sees headers and no socket, and Next believes an X-Forwarded-For that a client sends. So the peer's address is written
 * into a header of ours before anything else reads the request; whatever the client sent under that name is replaced.
 */
export function notePeerAddresses(): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    request.headers[peerHeader] = request.socket.remoteAddress ?? ''
  })
}
