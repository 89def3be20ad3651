import type { Command } from 'commander'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { readChecks } from '#lib/catalog/views/checks.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { errorCodes } from '#lib/domain/errors.ts'
import type { CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { remedyOf } from '#lib/domain/watch/remedies.ts'
import type { CheckView } from '#lib/domain/watch-views.ts'
import { watchRound } from '#lib/watch/round.ts'
import { tellNews } from '#lib/watch/tell.ts'
import { deliver } from '../../deliver.ts'
import { print, table, talk } from '../output.ts'
import { type Session, withSession } from '../session.ts'

export function addHealthCheck(program: Command): void {
  program
    .command('health-check')
    .description('every check of everything that Lifeboat watches; exits 3 when something is wrong')
    .option('--all', 'also those that are well')
    .action(async (options: { all?: true }) => {
      process.exitCode = await withSession(async (session) => {
        await lookNow(session)
        const [checks, watch] = [await readChecks(session.catalog, session.actor), await readWatch(session.catalog, session.actor)]
        const counts = countsOf(checks)
        const ok = counts.critical + counts.warning === 0
        print({ ok, counts, watch, checks }, () => words(checks, counts, options.all === true))
        if (ok && counts.unknown > 0)
          talk(`Nothing is known to be wrong. ${counts.unknown} of ${checks.length} checks are unknown, which is not the same as well.`)
        return ok ? 0 : errorCodes.findings.exit
      })
    })
}

/** Made anew now. Where no worker lives nobody else looks and nobody else tells, so this does, also for a cron job. */
async function lookNow(session: Session): Promise<void> {
  const { catalog } = session
  const now = await catalogueNow(catalog)
  const alone = (await listLiveWorkers(catalog)).length === 0
  await watchRound(catalog, now, { rest: false })
  if (!alone) return
  const { openKeys } = await import('../../master-keys.ts')
  await tellNews(catalog, now)
  await deliver(catalog, await openKeys(catalog))
}

function countsOf(checks: readonly CheckView[]): Record<CheckStatus, number> {
  const counts = { ok: 0, warning: 0, critical: 0, unknown: 0 }
  for (const check of checks) counts[check.status] += 1
  return counts
}

const order = { critical: 0, warning: 1, unknown: 2, ok: 3 } satisfies Record<CheckStatus, number>
const labels = { critical: 'CRITICAL', warning: 'WARNING', unknown: 'unknown', ok: 'ok' } satisfies Record<CheckStatus, string>

function words(checks: readonly CheckView[], counts: Record<CheckStatus, number>, all: boolean): string {
  const shown = checks.filter((check) => all || check.status !== 'ok').toSorted((a, b) => order[a.status] - order[b.status])
  const rows = shown.map((check) => [
    labels[check.status],
    check.title,
    check.subjectName,
    check.stale ? `Not looked at since ${check.checkedAt}. It was: ${check.words}` : check.words,
  ])
  const worst = shown.find((check) => check.status === 'critical' || check.status === 'warning')
  const first = worst === undefined ? null : firstStep(worst)
  return [
    `${counts.critical} critical, ${counts.warning} warning, ${counts.unknown} unknown, ${counts.ok} ok.`,
    ...(rows.length === 0 ? [] : ['', table(['STATUS', 'CHECK', 'OF', 'WHAT WAS SEEN'], rows)]),
    ...(first === null ? [] : ['', first]),
  ].join('\n')
}

function firstStep(check: CheckView): string {
  const { steps } = remedyOf({ kind: check.kind, database_id: check.database?.id ?? null, storage_id: check.storage?.id ?? null, detail: {} })
  const [first] = steps
  if (first === undefined) return ''
  return `First: ${first.words}${first.command === null ? '' : `\n       ${first.command}`}`
}
