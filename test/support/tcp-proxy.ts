import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to bytes that pass: nothing, a wait before each chunk, so many bytes a second, a reset after so many bytes, or silence. */
export type Weather = 'clear' | { delayMs: number } | { bytesPerSecond: number } | { resetAfterBytes: number } | 'black hole'

export interface TcpProxy {
  host: string
  port: number
  /** may be changed at any time; holds for open connections too */
  up: Weather
  down: Weather
  /** bytes that went through, towards the server and back: a test that saw none proved nothing */
  passed: { up: number; down: number }
  /** connections that were taken */
  connections: number
  close(): Promise<void>
}

/** A TCP proxy on loopback in front of `target`, for faults of the network. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target)
    proxy.connections += 1
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
      socket.on('error', () => undefined)
    }
    void pass(near, far, 'up').catch(() => near.destroy())
    void pass(far, near, 'down').catch(() => far.destroy())
  })

  async function pass(from: Socket, to: Socket, way: 'up' | 'down'): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const weather = proxy[way]
      if (weather === 'black hole') {
        proxy.passed[way] += chunk.length
        continue
      }
      if (weather === 'clear') await write(to, chunk)
      else if ('delayMs' in weather) await sleep(weather.delayMs).then(() => write(to, chunk))
      else if ('resetAfterBytes' in weather) {
        if (proxy.passed[way] + chunk.length > weather.resetAfterBytes) {
          from.resetAndDestroy()
          to.resetAndDestroy()
          return
        }
        await write(to, chunk)
      } else
        for (let at = 0; at < chunk.length && !to.destroyed; at += 1) {
          await write(to, chunk.subarray(at, at + 1))
          proxy.passed[way] += 1
          await sleep(1000 / weather.bytesPerSecond)
        }
      if (typeof weather === 'string' || !('bytesPerSecond' in weather)) proxy.passed[way] += chunk.length
    }
    to.end()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: TcpProxy = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    up: 'clear',
    down: 'clear',
    passed: { up: 0, down: 0 },
    connections: 0,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

function write(socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}
