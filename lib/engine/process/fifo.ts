import { constants, closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { existsSync } from 'node:fs'
import { LifeboatError } from '#lib/domain/errors.ts'
import { spawnTool } from './run.ts'

const mkfifo = ['/usr/bin/mkfifo', '/bin/mkfifo'].find((path) => existsSync(path))
const perCall = 500

/** Makes named pipes, mode 0600, in one private directory. */
export async function makeFifos(dir: string, names: readonly string[], signal?: AbortSignal): Promise<void> {
  if (mkfifo === undefined) throw new LifeboatError('tools_missing', 'There is no mkfifo on this machine.', 'Nothing was changed. Install coreutils.')
  for (let start = 0; start < names.length; start += perCall) {
    const { code, stderrTail } = await spawnTool({
      path: mkfifo,
      args: ['-m', '600', '--', ...names.slice(start, start + perCall)],
      cwd: dir,
      signal,
    })
    if (code !== 0)
      throw new LifeboatError('disk_full', `Named pipes could not be made: ${stderrTail.trim().slice(0, 200)}`, 'Check the staging directory.')
  }
}

/**
 * The write end, or null while nobody reads yet. Never blocks: a blocking open would hold a thread of the pool for as long as the reader takes.
 */
export function tryOpenFifo(path: string): Socket | null {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      return new Socket({ fd, readable: false, writable: true })
    } catch (error) {
      closeSync(fd)
      throw error
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return null
    throw error
  }
}

/** Waits for a reader, asking every `everyMs`; throws the signal's reason. */
export async function openFifo(path: string, everyMs: number, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    signal.throwIfAborted()
    const socket = tryOpenFifo(path)
    if (socket) return socket
    await sleep(everyMs)
  }
}

/** Writes one piece and waits for room. A reader that went away is an error (EPIPE). */
export function writePiece(socket: Socket, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(piece, (error) => (error ? reject(error) : resolve()))
  })
}

/** The reader sees the end of its file. */
export function endFifo(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.end(() => resolve())
  })
}
