import { execFile } from 'node:child_process'
import { chown, mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Cluster } from './cluster.ts'

const run = promisify(execFile)

/** A tablespace on a disk of its own, of `size` as mount takes it (`8m`), beside the cluster's data. Needs root. The result takes the disk away. */
export async function smallTablespace(cluster: Cluster, name: string, size: string): Promise<() => Promise<unknown>> {
  const directory = path.join(path.dirname(cluster.dataDir), name)
  const { uid, gid } = await stat(cluster.dataDir)
  await mkdir(directory)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory])
  await chown(directory, uid, gid)
  await cluster.query('postgres', `CREATE TABLESPACE ${name} LOCATION '${directory}'`)
  return () => run('umount', ['-l', directory])
}
