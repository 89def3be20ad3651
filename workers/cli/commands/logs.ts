import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type LogFilters, logFilters, searchLogs } from '#lib/catalog/views/logs.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { LogLine } from '#lib/domain/watch-views.ts'
import { findDatabase } from '../find.ts'
import { mode, plain, print, printJson } from '../output.ts'
import { parsed } from '../parsed.ts'
import { type Session, withSession } from '../session.ts'

interface Options {
  grep?: string
  follow?: true
  database?: string
  operation?: string
  since?: string
  errors?: true
  limit: string
}

const pollMs = 1_000
const pageSize = 500

export function addLogs(program: Command): void {
  program
    .command('logs')
    .description('what operations wrote, oldest first, with common faults explained beside their line')
    .option('--grep <text>', 'only lines in which this occurs, whatever the case')
    .option('--follow', 'go on with what is written from now on, until Ctrl-C')
    .option('--database <name>', 'only of this database')
    .option('--operation <id>', 'only of this operation')
    .option('--since <when>', 'an instant, or how long ago: 30m, 24h, 7d')
    .option('--errors', 'only errors and warnings')
    .option('--limit <n>', 'the newest so many', '100')
    .action(async (options: Options) => {
      await withSession(async (session) => {
        const filters = await filtersOf(session, options)
        const lines = await readNewest(session, filters, limitOf(options.limit))
        if (options.follow !== true) return print({ lines }, () => (lines.length === 0 ? 'No line matches.' : lines.map(words).join('\n')))
        for (const line of lines) write(line)
        await follow(session, filters, lines)
      })
    })
}

async function filtersOf(session: Session, options: Options): Promise<LogFilters> {
  const databaseId = options.database === undefined ? undefined : (await findDatabase(session, options.database)).id
  const given = {
    ...(options.grep === undefined ? {} : { q: options.grep }),
    ...(options.errors === true ? { kind: 'trouble' } : {}),
    ...(databaseId === undefined ? {} : { databaseId }),
    ...(options.operation === undefined ? {} : { operationId: options.operation }),
    ...(options.since === undefined ? {} : { since: options.since }),
  }
  return parsed(logFilters, given)
}

function limitOf(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit
  throw new LifeboatError('usage', `--limit ${text} is not a number from 1 to 100000.`)
}

/** Oldest first. */
async function readNewest(session: Session, filters: LogFilters, limit: number): Promise<LogLine[]> {
  const now = await catalogueNow(session.catalog)
  const lines: LogLine[] = []
  for (let cursor: string | undefined; lines.length < limit; ) {
    const asked = { ...filters, limit: Math.min(pageSize, limit - lines.length), ...(cursor === undefined ? {} : { cursor }) }
    const page = await searchLogs(session.catalog, session.actor, now, asked)
    lines.push(...page.rows)
    if (page.nextCursor === null) break
    cursor = page.nextCursor
  }
  return lines.toReversed()
}

/** Transactions end in another order than their lines were numbered: what was shown is remembered, not only the last number. */
async function follow(session: Session, filters: LogFilters, shown: readonly LogLine[]): Promise<void> {
  const seen = new Set(shown.map((line) => line.id))
  const since = (await catalogueNow(session.catalog)).toISOString()
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  while (!stop.signal.aborted) {
    const page = await searchLogs(session.catalog, session.actor, await catalogueNow(session.catalog), { ...filters, since, limit: pageSize })
    for (const line of page.rows.toReversed()) {
      if (seen.has(line.id)) continue
      seen.add(line.id)
      write(line)
    }
    await sleep(pollMs, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}

/** One JSON document a line while following. */
function write(line: LogLine): void {
  if (mode.json) printJson(line)
  else process.stdout.write(`${words(line)}\n`)
}

function words(line: LogLine): string {
  const at = line.at.slice(0, 19).replace('T', ' ')
  const mark = line.kind === 'error' ? 'ERROR   ' : line.kind === 'warning' ? 'warning ' : '        '
  const explained = line.explained === null ? '' : `\n${' '.repeat(29)}${line.explained.what} ${line.explained.remedy}`
  return `${at}  ${mark} ${line.operation.id.slice(0, 8)}  ${plain(line.operation.title)}: ${plain(line.message)}${explained}`
}
