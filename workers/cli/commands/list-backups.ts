import type { Command } from 'commander'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import { type Tier, tiers } from '#lib/domain/states.ts'
import { formatRelative } from '#lib/domain/units.ts'
import type { BackupView } from '#lib/domain/views.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { damagedCopies } from '../damaged-copies.ts'
import { lookAtCopies } from '#lib/watch/checks/copies.ts'
import { lookAtRestorablePoints } from '#lib/watch/checks/restorable-points.ts'
import { findDatabase } from '../find.ts'
import { print, size, table, talk } from '../output.ts'
import { type Session, withSession } from '../session.ts'

export function addListBackups(program: Command): void {
  program
    .command('list-backups')
    .description('the backups there are, newest first; exits 3 when a database has no restorable point in its objective, or a copy is bad')
    .option('--database <name>', 'only of this database')
    .option('--tier <tier>', `only of this tier: ${tiers.join(', ')}`)
    .action(async (options: { database?: string; tier?: string }) => {
      const tier = tierOf(options.tier)
      process.exitCode = await withSession(async (session) => {
        const databaseId = options.database === undefined ? undefined : (await findDatabase(session, options.database)).id
        const backups = await readAll(session, databaseId, tier)
        const problems = await problemsOf(session, databaseId, backups)
        const ok = problems.length === 0
        print({ ok, backups: backups.map(backupJson), problems: problems.map(problemJson) }, () => words(backups, new Date()))
        for (const problem of problems) talk(`${problem.status}: ${problem.subjectName}: ${problem.words}`)
        return ok ? 0 : errorCodes.findings.exit
      })
    })
}

export function tierOf(word: string | undefined): Tier | undefined {
  const found = tiers.find((one) => one === word)
  if (word !== undefined && found === undefined) throw new LifeboatError('usage', `"${word}" is not a tier.`, `Say one of: ${tiers.join(', ')}.`)
  return found
}

/**
 * What the checks of restorable points and copies say now, of the databases that are listed. The checks leave out what was taken off the list of
 * databases, but its backups are still listed: of those the listed copies themselves are looked at.
 */
async function problemsOf(session: Session, databaseId: string | undefined, backups: readonly BackupView[]): Promise<CheckResult[]> {
  const now = await catalogueNow(session.catalog)
  const seen = [...(await lookAtRestorablePoints(session.catalog, now)), ...(await lookAtCopies(session.catalog, now))]
  const checked = new Set(seen.map((one) => one.databaseId))
  const unchecked = damagedCopies(backups.filter((backup) => !checked.has(backup.database.id)))
  return [...seen, ...unchecked].filter(
    (one) =>
      (one.kind === 'restorable_point' || one.kind === 'copies_bad') &&
      (one.status === 'warning' || one.status === 'critical') &&
      (databaseId === undefined || one.databaseId === databaseId),
  )
}

function problemJson({ kind, subjectName, status, words }: CheckResult): Record<string, unknown> {
  return { check: kind, database: subjectName, status, words }
}

async function readAll(session: Session, databaseId: string | undefined, tier: Tier | undefined): Promise<BackupView[]> {
  const all: BackupView[] = []
  let cursor: string | undefined
  do {
    const filters = { limit: 200, ...(databaseId ? { databaseId } : {}), ...(tier ? { tier } : {}), ...(cursor ? { cursor } : {}) }
    const page = await listBackups(session.catalog, session.actor, filters)
    all.push(...page.rows)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return all
}

/** CONTRACT.md, `list-backups`. */
function backupJson(backup: BackupView): Record<string, unknown> {
  return {
    id: backup.id,
    name: backup.name,
    database: backup.database.name,
    tier: backup.tier,
    createdAt: backup.createdAt,
    state: backup.state,
    rawBytes: backup.rawBytes,
    storedBytes: backup.storedBytes,
    verifiedAt: backup.verifiedAt,
    provenAt: backup.provenAt,
    copies: backup.copies.map((copy) => ({ storage: copy.storage.name, state: copy.state, verifiedAt: copy.verifiedAt })),
  }
}

function words(backups: BackupView[], now: Date): string {
  if (backups.length === 0) return 'There are no backups yet. lifeboat backup manual takes one.'
  const rows = backups.map((one) => [
    one.createdAt.slice(0, 19).replace('T', ' '),
    one.name,
    one.database.name,
    one.state,
    size(one.storedBytes),
    // verified is what was read back once: how long ago says what it is worth
    formatRelative(one.verifiedAt, now),
    one.copies.map((copy) => `${copy.storage.name} ${copy.state}`).join(', '),
    one.id,
  ])
  return table(['TIME (UTC)', 'NAME', 'DATABASE', 'STATE', 'STORED', 'READ BACK', 'COPIES', 'ID'], rows)
}
