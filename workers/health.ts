import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The worker's only port: `GET /healthz` on loopback. `port` 0 takes any free one. */
export async function openHealth(port: number, status: () => Record<string, unknown>): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/healthz'
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(found ? JSON.stringify(status()) : '{}')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
