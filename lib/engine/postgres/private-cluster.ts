import { randomBytes } from 'node:crypto'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Confinement, confinement } from '../process/confinement.ts'
import type { Connection } from './connection.ts'
import { makePrivatePlace } from './private-place.ts'
import { type ServerProcess, initialise, startServer } from './private-server.ts'
import { openPrivateSocket } from './private-sockets.ts'
import { watchSize } from './private-size.ts'
import { chooseServer, findServers } from './server-programs.ts'

/** A server that lives for one piece of work. */
export interface PrivateCluster {
  major: number
  version: string
  /** as the superuser, over the socket; `change` for other roles and databases */
  connection(dbname: string, change?: Partial<Connection>): Connection
  superuser: string
  /** 0700, of the account that the server runs as; goes with the cluster and counts towards its size */
  directory: string
  /** how the server is kept apart, and how other programs that read the same content should be */
  confinement: Confinement
}

export interface PrivateClusterOptions {
  /** the lowest installed major that is at least this one; without one, the newest */
  major: number
  /** 0700, of this attempt */
  stagingDir: string
  signal: AbortSignal
  applicationName: string
  /** name of the superuser; default `lifeboat_private`, so that every other name is free */
  superuser?: string
  /** of everything that the cluster writes; beyond it the work is ended with disk_full. Default: what leaves a tenth of the disk free */
  maximumBytes?: number
  /** settings of the server */
  settings?: Record<string, string>
}

/**
 * Runs `work` with a PostgreSQL server of its own: under an account of its own and without a network where the machine allows it, reached only
 * over a socket that only this process finds, with a random password, nothing of this process in its environment. It dies with this process,
 * and all that it wrote is removed. The signal that `work` gets is also aborted when the server ends by itself or grows beyond its limit.
 * Throws `tools_missing` without a server's programs, `unavailable` where it does not come up.
 */
export async function withPrivateCluster<T>(
  options: PrivateClusterOptions,
  work: (cluster: PrivateCluster, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  options.signal.throwIfAborted()
  const programs = chooseServer(await findServers(), options.major)
  const how = await confinement()
  const place = await makePrivatePlace(options.stagingDir, how.account)
  const closeSocket = openPrivateSocket(place.socket)
  const superuser = options.superuser ?? 'lifeboat_private'
  const password = randomBytes(24).toString('base64url')
  const connection: PrivateCluster['connection'] = (dbname, change = {}) => ({
    host: place.socket,
    port: 5432,
    dbname,
    username: superuser,
    password,
    sslMode: 'disable',
    caPem: null,
    applicationName: options.applicationName,
    ...change,
  })
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  let server: ServerProcess | null = null
  let size: { close(): void } | null = null
  try {
    await initialise({ programs, how, directory: place.directory, superuser, password, signal })
    size = watchSize(place.directory, options.maximumBytes, (error) => stop.abort(error))
    server = await startServer({ programs, how, place, settings: options.settings ?? {}, connection: connection('postgres'), signal })
    void server.ended.then((why) => stop.abort(new LifeboatError('failed', `The private server ended by itself: ${why}.`, 'It was removed.')))
    const cluster = { major: programs.major, version: programs.version, connection, superuser, directory: place.directory, confinement: how }
    const done = await work(cluster, signal)
    signal.throwIfAborted()
    return done
  } catch (error) {
    // what broke because the cluster was ended is told as the reason why it was
    signal.throwIfAborted()
    throw error
  } finally {
    size?.close()
    await server?.kill()
    closeSocket()
    await place.remove()
  }
}
