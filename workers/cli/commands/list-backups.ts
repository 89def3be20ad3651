import type { Command } from 'commander'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Tier, tiers } from '#lib/domain/states.ts'
import { formatRelative } from '#lib/domain/units.ts'
import type { BackupView } from '#lib/domain/views.ts'
import { findDatabase } from '../find.ts'
import { print, size, table } from '../output.ts'
import { type Session, withSession } from '../session.ts'

export function addListBackups(program: Command): void {
  program
    .command('list-backups')
    .description('the backups there are, newest first')
    .option('--database <name>', 'only of this database')
    .option('--tier <tier>', `only of this tier: ${tiers.join(', ')}`)
    .action(async (options: { database?: string; tier?: string }) => {
      const tier = tierOf(options.tier)
      const backups = await withSession((session) => readAll(session, options.database, tier))
      print({ backups: backups.map(backupJson) }, () => words(backups, new Date()))
    })
}

export function tierOf(word: string | undefined): Tier | undefined {
  const found = tiers.find((one) => one === word)
  if (word !== undefined && found === undefined) throw new LifeboatError('usage', `"${word}" is not a tier.`, `Say one of: ${tiers.join(', ')}.`)
  return found
}

async function readAll(session: Session, database: string | undefined, tier: Tier | undefined): Promise<BackupView[]> {
  const databaseId = database === undefined ? undefined : (await findDatabase(session, database)).id
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
