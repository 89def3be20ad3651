import { statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Cluster } from '../test/support/cluster.ts'
import { timePipeline } from './pipeline.ts'

const bin = '/usr/lib/postgresql/15/bin'
export const jobs = 2

/** What the shell scripts do, and what PostgreSQL's own tools do without encryption: the two that ours is held against. */
export function baselines(cluster: Cluster, directory: string, passFile: string) {
  const env = { PATH: '/usr/bin:/bin', PGHOST: cluster.host, PGPORT: String(cluster.port), PGUSER: 'postgres', LC_ALL: 'C.UTF-8' }
  const place = (name: string): string => path.join(directory, name)
  const cipher = ['enc', '-aes-256-cbc', '-pbkdf2', '-pass', `file:${passFile}`]
  return {
    async pipelineBackup(dbname: string): Promise<number> {
      return timePipeline(
        [
          { command: `${bin}/pg_dump`, args: ['-d', dbname] },
          { command: 'gzip', args: [] },
          { command: 'openssl', args: [...cipher, '-salt'] },
        ],
        { to: place(`${dbname}.sql.gz.enc`) },
        env,
      )
    },
    async directoryBackup(dbname: string): Promise<number> {
      const target = place(`${dbname}.dir`)
      await rm(target, { recursive: true, force: true })
      return timePipeline([{ command: `${bin}/pg_dump`, args: ['-Fd', '-j', String(jobs), '-Z0', '--no-sync', '-f', target, '-d', dbname] }], {}, env)
    },
    async customBackup(dbname: string): Promise<number> {
      return timePipeline([{ command: `${bin}/pg_dump`, args: ['-Fc', '-f', place(`${dbname}.dump`), '-d', dbname] }], {}, env)
    },
    async pipelineRestore(dbname: string, into: string): Promise<number> {
      return timePipeline(
        [
          { command: 'openssl', args: [...cipher, '-d'] },
          { command: 'gunzip', args: [] },
          { command: `${bin}/psql`, args: ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-d', into, '-o', '/dev/null'] },
        ],
        { from: place(`${dbname}.sql.gz.enc`) },
        env,
      )
    },
    /** What a dump in one stream leaves: all of it is decrypted and unpacked to find one table. Its keys and indexes are not even looked for. */
    async pipelineTable(dbname: string, into: string, table: string): Promise<number> {
      const block = `/^CREATE TABLE public\\.${table} /,/^);/p;/^COPY public\\.${table} /,/^\\\\\\.$/p`
      return timePipeline(
        [
          { command: 'openssl', args: [...cipher, '-d'] },
          { command: 'gunzip', args: [] },
          { command: 'sed', args: ['-n', block] },
          { command: `${bin}/psql`, args: ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-d', into, '-o', '/dev/null'] },
        ],
        { from: place(`${dbname}.sql.gz.enc`) },
        env,
      )
    },
    async directoryRestore(dbname: string, into: string): Promise<number> {
      return timePipeline(
        [{ command: `${bin}/pg_restore`, args: ['--exit-on-error', '-j', String(jobs), '-d', into, place(`${dbname}.dir`)] }],
        {},
        env,
      )
    },
    /** of the file that pipelineBackup wrote */
    pipelineBytes(dbname: string): number {
      return statSync(place(`${dbname}.sql.gz.enc`)).size
    },
    async prepare(): Promise<void> {
      await mkdir(directory, { recursive: true, mode: 0o700 })
    },
  }
}
