import { type Kysely, sql } from 'kysely'
import type { Catalog, ToolReport } from '#lib/catalog/schema.ts'
import { aliveSeconds } from '#lib/catalog/workers.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckKind, CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { named, seenOf, seenOfInstallation } from '#lib/domain/watch/result.ts'

interface Row {
  host: string
  tools: ToolReport[]
  skew: number | null
  age: number
  alive: boolean
}

const skewWarning = 30
/** a signature of S3 is refused beyond fifteen minutes; leases and holds are judged by the catalogue's clock */
const skewCritical = 300

/** a worker that is started anew, again and again, is back by then */
const awaySeconds = 600

/**
 * Whether any worker is alive, and of each machine that has one: the tools and the clock of its workers, the worst of several. A process is another
 * one after each start, a machine is not. Where the last worker of a machine is away, what is wrong there is unknown for ten minutes, and then gone.
 */
export async function lookAtWorkers(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<Row>`
    SELECT host, tools, clock_skew_seconds AS skew, extract(epoch FROM ${now}::timestamptz - coalesce(ended_at, heartbeat_at))::float8 AS age,
      ended_at IS NULL AND heartbeat_at > ${now}::timestamptz - make_interval(secs => ${aliveSeconds}) AS alive
    FROM workers WHERE heartbeat_at > ${now}::timestamptz - interval '30 days' ORDER BY heartbeat_at DESC LIMIT 200`.execute(catalog)
  const alive = rows.filter((row) => row.alive)
  const anyRestores = alive.some((worker) => worker.tools.some((tool) => tool.tool === 'pg_restore' && tool.ok))
  const hosts = [...Map.groupBy(alive, (worker) => worker.host).values()]
  return [
    judgeAlive(rows, alive),
    ...hosts.map((workers) => worstOf(workers.map((worker) => judgeTools(worker, anyRestores)))),
    // one that was just started has not compared it yet
    ...hosts.map((workers) => {
      const compared = workers.filter((worker) => worker.skew !== null)
      return worstOf((compared.length === 0 ? workers : compared).map(judgeClock))
    }),
    ...(await stillAway(catalog, rows)),
  ]
}

const ranks: Record<CheckStatus, number> = { ok: 0, unknown: 1, warning: 2, critical: 3 }

/** The first of several that are alike is that of the worker which was heard of last. */
function worstOf(results: CheckResult[]): CheckResult {
  return results.reduce((worst, one) => (ranks[one.status] > ranks[worst.status] ? one : worst))
}

async function stillAway(catalog: Kysely<Catalog>, rows: readonly Row[]): Promise<CheckResult[]> {
  const kinds: CheckKind[] = ['worker_tools', 'clock']
  const open = await catalog.selectFrom('alerts').select(['kind', 'subject']).where('resolved_at', 'is', null).where('kind', 'in', kinds).execute()
  return open.flatMap(({ kind, subject }) => {
    // the newest comes first
    const last = rows.find((row) => row.host === subject)
    if (last === undefined || last.age > awaySeconds || rows.some((row) => row.alive && row.host === subject)) return []
    const words = `No worker is alive there: the last was heard of ${formatDuration(last.age)} ago.`
    return [seenOf(kind, machineOf(last), { status: 'unknown', words })]
  })
}

function machineOf({ host }: Row): { id: string; name: string } {
  return { id: host, name: host }
}

function judgeAlive(rows: readonly Row[], alive: readonly Row[]): CheckResult {
  if (alive.length > 0) {
    const words = alive.length === 1 ? '1 worker is alive.' : `${alive.length} workers are alive.`
    return seenOfInstallation('workers', { status: 'ok', words, value: alive.length })
  }
  const last = rows[0]
  const since = last === undefined ? 'None was heard of in 30 days.' : `The last was heard of ${formatDuration(last.age)} ago, on ${last.host}.`
  return seenOfInstallation('workers', { status: 'critical', words: `No worker is alive: nothing is backed up. ${since}`, value: 0 })
}

function judgeTools(worker: Row, anyRestores: boolean): CheckResult {
  const subject = machineOf(worker)
  const old = worker.tools.filter((tool) => !tool.ok)
  if (worker.tools.length === 0) {
    return seenOf('worker_tools', subject, { status: 'critical', words: 'It has no PostgreSQL client tools: it can neither back up nor restore.' })
  }
  if (old.length === 0) {
    const tools = named([...new Set(worker.tools.map((tool) => `${tool.tool} ${tool.version}`))])
    return seenOf('worker_tools', subject, { status: 'ok', words: `Its tools are safe to use: ${tools}.` })
  }
  const words = `${named(old.map((tool) => `${tool.tool} ${tool.version}`))} ${old.length === 1 ? 'is' : 'are'} below the version that is safe to use; restores with ${old.length === 1 ? 'it' : 'them'} are refused.`
  return seenOf('worker_tools', subject, { status: anyRestores ? 'warning' : 'critical', words })
}

function judgeClock(worker: Row): CheckResult {
  const subject = machineOf(worker)
  const { skew } = worker
  if (skew === null) return seenOf('clock', subject, { status: 'unknown', words: 'Its clock was not compared with the catalogue’s yet.' })
  const off = Math.abs(skew)
  const words =
    off < 1 ? 'Its clock agrees with the catalogue’s.' : `Its clock is ${formatDuration(off)} ${skew > 0 ? 'ahead of' : 'behind'} the catalogue’s.`
  return seenOf('clock', subject, { status: off > skewCritical ? 'critical' : off > skewWarning ? 'warning' : 'ok', words, value: skew })
}
