import { openCatalog } from '#lib/catalog/pool.ts'
import { migrateCatalog } from '#lib/catalog/migrate.ts'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { listAlerts } from '#lib/catalog/views/alerts.ts'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { readChecks } from '#lib/catalog/views/checks.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { searchLogs } from '#lib/catalog/views/logs.ts'
import { listOperations } from '#lib/catalog/views/operations.ts'
import { readOverview } from '#lib/catalog/views/overview.ts'
import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import { metricsText } from '#lib/http/metrics/metrics-text.ts'
import { watchRound } from '#lib/watch/round.ts'
import type { Cluster } from '../test/support/cluster.ts'
import { fillCatalogue, largeSize } from './large-catalogue.ts'

/** How long an answer took, over many: milliseconds. */
export interface Answer {
  what: string
  p50: number
  p95: number
  /** at most; null: none is set */
  aim: number | null
}

/** What the console reads, and what retention works out, on a catalogue of 200,000 backups and a million events. */
export async function measureAnswers(cluster: Cluster): Promise<Answer[]> {
  const { backups, databases, events } = largeSize
  console.error(`building a catalogue of ${databases} databases, ${backups} backups and ${events} events`)
  await cluster.createDatabase('large_catalogue')
  const url = cluster.url('large_catalogue')
  await migrateCatalog(url)
  await fillCatalogue(url)
  const catalog = openCatalog(url)
  try {
    const first = await listBackups(catalog, systemActor)
    const databaseId = first.rows[0]?.database.id ?? ''
    const cursor = first.nextCursor ?? undefined
    const answers: Answer[] = []
    const measure = async (what: string, aim: number | null, read: () => Promise<unknown>, times = 200) => {
      for (let warm = 0; warm < Math.min(20, times); warm++) await read()
      const took: number[] = []
      for (let time = 0; time < times; time++) {
        const begun = performance.now()
        await read()
        took.push(performance.now() - begun)
      }
      took.sort((a, b) => a - b)
      answers.push({ what, p50: took[Math.floor(times * 0.5)] ?? Number.NaN, p95: took[Math.floor(times * 0.95)] ?? Number.NaN, aim })
    }
    await measure('overview', 50, () => readOverview(catalog, systemActor))
    await measure('backups, first page', 50, () => listBackups(catalog, systemActor))
    await measure('backups, next page', 50, () => listBackups(catalog, systemActor, { cursor }))
    await measure('backups of a database', 50, () => listBackups(catalog, systemActor, { databaseId }))
    await measure('backups of a tier, unverified', 50, () => listBackups(catalog, systemActor, { tier: 'monthly', verified: 'false' }))
    await measure('databases', 50, () => listDatabases(catalog, systemActor))
    await measure('storages', 50, () => listStorages(catalog, systemActor))
    await measure('operations', 50, () => listOperations(catalog, systemActor))
    await measure('schedules', null, () => listSchedules(catalog, systemActor), 20)
    let round = Date.now()
    // each round is a later one: what is due is looked at, what was seen is kept
    await measure('a round of the watch', 1000, () => watchRound(catalog, new Date((round += 60_000)), { rest: false }), 20)
    await measure('checks', 50, () => readChecks(catalog, systemActor))
    await measure('alerts', 50, () => listAlerts(catalog, systemActor, { state: 'open' }))
    await measure('logs, newest', 50, async () => searchLogs(catalog, systemActor, new Date()))
    await measure('logs, a word that is rare', null, async () => searchLogs(catalog, systemActor, new Date(), { q: 'no such word' }), 5)
    await measure('/metrics', 250, () => metricsText(catalog), 20)
    const input = await readRetentionInput(catalog)
    await measure('retention: plan', 1000, async () => planRetention(input), 10)
    await measure('retention: read the history and plan', null, async () => planRetention(await readRetentionInput(catalog)), 5)
    return answers
  } finally {
    await catalog.destroy()
  }
}

export function printAnswers(answers: readonly Answer[]): void {
  console.log('')
  console.log('| answer, with 200,000 backups | p50 ms | p95 ms | aim |')
  console.log('| --- | --: | --: | --: |')
  for (const { what, p50, p95, aim } of answers) {
    console.log(`| ${what} | ${p50.toFixed(1)} | ${p95.toFixed(1)} | ${aim === null ? '' : `at most ${aim}`} |`)
  }
}
