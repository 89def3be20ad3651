import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'

/** The port that `name` had last time, if it is free; else any free one, which is then kept: registered databases name it. */
export async function freePort(home: string, name: string): Promise<number> {
  const file = path.join(home, 'ports.json')
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>) : {}
  const last = kept[name]
  const port = last !== undefined && (await isFree(last)) ? last : await anyFree()
  if (port !== last) writeFileSync(file, `${JSON.stringify({ ...kept, [name]: port })}\n`)
  return port
}

export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}

function anyFree(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
