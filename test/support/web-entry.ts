import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { GET } from '../../app/api/v1/operations/[id]/events/route.ts'

// The stream of an operation's events behind a socket, as a process of its own that a test may kill.
// Needs --conditions=react-server: the routes may be loaded by a server only.

const server = createServer((request, response) => {
  const id = /\/operations\/([^/]+)\/events/.exec(request.url ?? '')?.[1] ?? ''
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const headers = new Headers({ 'x-lifeboat-peer': '127.0.0.1' })
  for (const name of ['host', 'cookie', 'last-event-id']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const asked = new Request(`http://127.0.0.1:3000${request.url}`, { headers, signal: gone.signal })
  void GET(asked, { params: Promise.resolve({ id }) }).then((answer) => {
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (answer.body === null) response.end()
    else Readable.fromWeb(answer.body as ReadableStream<Uint8Array>).pipe(response)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`ready ${address.port}\n`)
})
