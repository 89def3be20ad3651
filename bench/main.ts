import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { migrateCatalog } from '#lib/catalog/migrate.ts'
import { openCatalog } from '#lib/catalog/pool.ts'
import { ensureQueue } from '#lib/queue/boss.ts'
import { registerLocalStorage } from '#workers/supervisor/register.ts'
import { type Cluster, startCluster } from '../test/support/cluster.ts'
import { measureAnswers, printAnswers } from './answers.ts'
import { baselines, jobs } from './baselines.ts'
import { buildDatasets, type Dataset, datasets, smallTable } from './datasets.ts'
import { type Measured, measureOurs } from './ours.ts'
import { type Comparison, medianRatio, printReport, type Sample } from './report.ts'

const { values: options } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
    /** only the answers on a large catalogue, or only backups and restores */
    only: { type: 'string' },
  },
})
const mebibytes = Number(options.mib)
const rounds = Number(options.rounds)

/** Ours and every baseline in turn, round after round, on the same server: the ratios are what counts. */
async function bench(): Promise<void> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'lifeboat-bench-'))
  const cluster = await startCluster({ settings: { shared_buffers: '256MB', max_wal_size: '4GB', maintenance_work_mem: '128MB' } })
  try {
    const answers = options.only === 'transfers' ? [] : await measureAnswers(cluster)
    if (options.only === 'answers') {
      printAnswers(answers)
      return
    }
    console.error(`building two databases of about ${mebibytes} MiB each`)
    await buildDatasets(cluster, mebibytes)
    const passFile = path.join(home, 'pass')
    writeFileSync(passFile, randomBytes(24).toString('hex'), { mode: 0o600 })
    const catalogue = await prepareCatalogue(cluster, home)
    const theirs = baselines(cluster, path.join(home, 'baselines'), passFile)
    await theirs.prepare()
    const samples: Sample[] = []
    const comparisons: Comparison[] = []
    for (const dataset of datasets) {
      const measured = await measureDataset({ dataset, cluster, theirs, env: catalogue.env, databaseId: catalogue.databaseIds[dataset.dbname] ?? '' })
      samples.push(...measured.samples)
      comparisons.push(...measured.comparisons)
    }
    printReport(samples, comparisons)
    if (answers.length > 0) printAnswers(answers)
    const machine = { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? 'unknown', memoryBytes: os.totalmem(), node: process.version }
    writeFileSync(
      path.join(import.meta.dirname, 'out.json'),
      `${JSON.stringify({ at: new Date(), mebibytes, rounds, jobs, machine, samples, comparisons, answers }, null, 2)}\n`,
    )
  } finally {
    await cluster.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function prepareCatalogue(cluster: Cluster, home: string): Promise<{ env: Record<string, string>; databaseIds: Record<string, string> }> {
  await cluster.createDatabase('catalogue')
  const url = cluster.url('catalogue')
  await migrateCatalog(url)
  await ensureQueue(url)
  const env = { DATABASE_URL: url, LIFEBOAT_HOME: path.join(home, 'lifeboat'), LIFEBOAT_KEY: randomBytes(32).toString('base64'), LOG_LEVEL: 'error' }
  Object.assign(process.env, env)
  const catalog = openCatalog(url, { max: 2 })
  const databaseIds: Record<string, string> = {}
  try {
    await registerLocalStorage(catalog, env.LIFEBOAT_HOME)
    for (const { dbname } of datasets) {
      const id = randomUUID()
      databaseIds[dbname] = id
      await insertDatabase(catalog, { id, name: dbname, host: cluster.host, port: cluster.port, dbname, username: 'postgres', ssl_mode: 'disable' })
    }
  } finally {
    await catalog.destroy()
  }
  return { env, databaseIds }
}

async function measureDataset(about: {
  dataset: Dataset
  cluster: Cluster
  theirs: ReturnType<typeof baselines>
  env: Record<string, string>
  databaseId: string
}): Promise<{ samples: Sample[]; comparisons: Comparison[] }> {
  const { dataset, cluster, theirs } = about
  const { dbname } = dataset
  const times = {
    ours: [] as number[],
    pipeline: [] as number[],
    directory: [] as number[],
    custom: [] as number[],
    oursRestore: [] as number[],
    oursRestoreWithoutCompare: [] as number[],
    pipelineRestore: [] as number[],
    directoryRestore: [] as number[],
    table: [] as number[],
    tableOfPipeline: [] as number[],
    clone: [] as number[],
    cloneWithoutCompare: [] as number[],
  }
  const peak = { backup: 0, restore: 0, clone: 0 }
  const bytesRead = { restore: 0, table: 0, pipeline: 0 }
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`${dataset.name}: round ${round} of ${rounds}`)
    const backup = await measureOurs({ verb: 'backup', databaseId: about.databaseId }, about.env)
    times.ours.push(backup.seconds)
    peak.backup = Math.max(peak.backup, backup.peakMemoryBytes)
    times.pipeline.push(await theirs.pipelineBackup(dbname))
    times.directory.push(await theirs.directoryBackup(dbname))
    times.custom.push(await theirs.customBackup(dbname))

    const target = `restored_${round}`
    const restore = await measureOurs(
      { verb: 'restore', databaseId: about.databaseId, backupId: backup.backupId ?? '', targetDbname: target },
      about.env,
    )
    await cluster.query('postgres', `DROP DATABASE ${target}`)
    times.oursRestore.push(restore.seconds)
    times.oursRestoreWithoutCompare.push(restore.seconds - (restore.stages.comparing ?? 0))
    peak.restore = Math.max(peak.restore, restore.peakMemoryBytes)
    bytesRead.restore = restore.bytesRead
    const table = await measureTable(about, backup.backupId ?? '')
    times.table.push(table.seconds)
    bytesRead.table = table.bytesRead
    times.tableOfPipeline.push(await intoFresh(cluster, (into) => theirs.pipelineTable(dbname, into, smallTable)))
    bytesRead.pipeline = theirs.pipelineBytes(dbname)
    const clone = await measureOurs({ verb: 'clone', databaseId: about.databaseId, targetDbname: target }, about.env)
    await cluster.query('postgres', `DROP DATABASE ${target}`)
    times.clone.push(clone.seconds)
    times.cloneWithoutCompare.push(clone.seconds - (clone.stages.comparing ?? 0))
    peak.clone = Math.max(peak.clone, clone.peakMemoryBytes)
    times.directoryRestore.push(await intoFresh(cluster, (into) => theirs.directoryRestore(dbname, into)))
    times.pipelineRestore.push(await intoFresh(cluster, (into) => theirs.pipelineRestore(dbname, into)))
  }
  // what there was to do without it: a directory in between
  const dumpThenRestore = times.directory.map((seconds, round) => seconds + (times.directoryRestore[round] ?? Number.NaN))
  const skewed = dataset.name === 'one large table'
  const row = (what: string, seconds: number[], more: Partial<Sample> = {}): Sample => ({ dataset: dataset.name, what, seconds, ...more })
  const compare = (ours: string, mine: number[], baseline: string, other: number[], aim: number | null): Comparison => ({
    dataset: dataset.name,
    ours,
    baseline,
    ratio: medianRatio(mine, other),
    aim,
  })
  return {
    samples: [
      row('backup: ours', times.ours, { peakMemoryBytes: peak.backup }),
      row('backup: pg_dump, gzip, openssl', times.pipeline),
      row(`backup: pg_dump -Fd -j ${jobs} -Z0`, times.directory),
      row('backup: pg_dump -Fc', times.custom),
      row('restore: ours, with comparison', times.oursRestore, { peakMemoryBytes: peak.restore, bytesRead: bytesRead.restore }),
      row('restore: ours, without comparison', times.oursRestoreWithoutCompare),
      row('restore: openssl, gunzip, psql', times.pipelineRestore),
      row(`restore: pg_restore -j ${jobs} of a directory`, times.directoryRestore),
      row('table of 1 MB: ours, with comparison', times.table, { bytesRead: bytesRead.table }),
      row('table of 1 MB: openssl, gunzip, sed, psql', times.tableOfPipeline, { bytesRead: bytesRead.pipeline }),
      row('clone: ours, with comparison', times.clone, { peakMemoryBytes: peak.clone }),
      row('clone: ours, without comparison', times.cloneWithoutCompare),
      row(`clone: pg_dump -Fd -j ${jobs} -Z0, then pg_restore -j ${jobs}`, dumpThenRestore),
    ],
    comparisons: [
      compare('backup', times.ours, 'pg_dump, gzip, openssl', times.pipeline, 0.4),
      compare('backup', times.ours, `pg_dump -Fd -j ${jobs} -Z0`, times.directory, skewed ? 1.3 : 1.8),
      compare('backup', times.ours, 'pg_dump -Fc', times.custom, null),
      compare('restore, without comparison', times.oursRestoreWithoutCompare, `pg_restore -j ${jobs}`, times.directoryRestore, 1.2),
      compare('restore, with comparison', times.oursRestore, `pg_restore -j ${jobs}`, times.directoryRestore, null),
      compare('one table of 1 MB', times.table, 'openssl, gunzip, sed, psql', times.tableOfPipeline, 0.05),
      compare('clone, without comparison', times.cloneWithoutCompare, 'pg_dump -Fd, then pg_restore', dumpThenRestore, 1),
      compare('clone, with comparison', times.clone, 'pg_dump -Fd, then pg_restore', dumpThenRestore, null),
      compare('restore, with comparison', times.oursRestore, 'openssl, gunzip, psql', times.pipelineRestore, null),
    ],
  }
}

/** Brings the small table back beside the live one, and takes it away again: the next backup is that of the same database. */
async function measureTable(
  { cluster, dataset, env, databaseId }: { cluster: Cluster; dataset: Dataset; env: Record<string, string>; databaseId: string },
  backupId: string,
): Promise<Measured> {
  const measured = await measureOurs({ verb: 'table', databaseId, backupId, table: smallTable }, env)
  const found = await cluster.query(dataset.dbname, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '${smallTable}_restored_%'`)
  if (found.length !== 1) throw new Error(`${found.length} tables came back beside`)
  await cluster.query(dataset.dbname, `DROP TABLE public."${String(found[0]?.['relname'])}"`)
  return measured
}

async function intoFresh(cluster: Cluster, restore: (dbname: string) => Promise<number>): Promise<number> {
  const into = `fresh_${randomUUID().slice(0, 8)}`
  await cluster.createDatabase(into)
  try {
    return await restore(into)
  } finally {
    await cluster.query('postgres', `DROP DATABASE ${into}`)
  }
}

await bench()
