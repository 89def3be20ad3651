import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** How the sink answers: a status with headers and a body, silence after the request was taken, a reset, or an answer that never ends. */
export type SinkMood = { status: number; headers?: Record<string, string>; body?: string } | 'hang' | 'reset' | 'drip'

export interface SinkRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface HttpSink {
  url: string
  port: number
  /** may be changed at any time; a path of its own may have another */
  mood: SinkMood
  moods: Map<string, SinkMood>
  requests: SinkRequest[]
  close(): Promise<void>
}

/** A real HTTP server on loopback that takes what is sent to it and answers as a test wants it to. */
export async function startHttpSink(): Promise<HttpSink> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? '/'
      sink.requests.push({ method: request.method ?? '', path, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      const mood = sink.moods.get(path) ?? sink.mood
      if (mood === 'hang') return
      if (mood === 'reset') {
        request.socket.resetAndDestroy()
        return
      }
      if (mood === 'drip') {
        response.writeHead(200)
        response.write('a')
        return
      }
      response.writeHead(mood.status, mood.headers).end(mood.body ?? '')
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sink: HttpSink = {
    url: `http://127.0.0.1:${port}`,
    port,
    mood: { status: 200 },
    moods: new Map(),
    requests: [],
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return sink
}
