import { type Command, Option } from 'commander'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { findDatabase, findStorages } from '../find.ts'
import { printFinished } from '../finish.ts'
import { exitCodeOf, untilFinished, untilFollowersFinished } from '../follow.ts'
import { size, talk } from '../output.ts'
import { type Session, withSession } from '../session.ts'
import { tierOf } from './list-backups.ts'

interface Options {
  database?: string
  storage?: string[]
  dryRun?: boolean
  idempotencyKey?: string
}

const requestable = ['daily', 'weekly', 'monthly', 'manual']

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('take a backup, store a copy on each storage and verify every copy')
    .argument('<tier>', requestable.join(', '))
    .option('--database <name>', 'which database; may be left out where there is one')
    .option('--storage <name...>', 'which storages; all of them by default')
    .option('--dry-run', 'say what would be done; writes nothing')
    .addOption(new Option('--idempotency-key <key>', 'the same key gives the same backup, however often it is sent').hideHelp())
    .action(async (word: string, options: Options) => {
      const tier = tierOf(word)
      if (tier === undefined || !requestable.includes(tier))
        throw new LifeboatError('usage', `A backup of the tier "${word}" is not taken by hand.`, `Say one of: ${requestable.join(', ')}.`)
      process.exitCode = await withSession(async (session) => {
        const database = await findDatabase(session, options.database)
        const storages = await findStorages(session, options.storage)
        const { id } = await requestBackup(session.catalog, session.actor, {
          databaseId: database.id,
          tier,
          storageIds: storages.map((storage) => storage.id),
          dryRun: options.dryRun ?? false,
          idempotencyKey: options.idempotencyKey ?? null,
          via: 'cli',
        })
        const row = await untilFinished(session, id)
        const verifies = row.dry_run ? [] : await untilFollowersFinished(session, id)
        const code = printFinished(await withCopiesAsTheyAre(session, row), words)
        return Math.max(code, ...verifies.map(worst))
      })
    })
}

/** The verify that follows changes the copies' states; the caller sees them as they are at the end. */
async function withCopiesAsTheyAre(session: Session, row: OperationRow): Promise<OperationRow> {
  const made = (row.result as { backup?: { id: string } } | null)?.backup
  if (made === undefined) return row
  const names = new Map((await listStorages(session.catalog)).map((storage) => [storage.id, storage.name]))
  const copies = (await listCopies(session.catalog, made.id)).map((copy) => ({
    storage: names.get(copy.storage_id) ?? copy.storage_id,
    state: copy.state,
  }))
  return { ...row, result: { ...row.result, backup: { ...made, copies } } }
}

function worst(verify: OperationRow): number {
  const code = exitCodeOf(verify)
  if (code !== 0)
    talk(
      `The backup was made, but ${verify.title} ended ${verify.state}: ${verify.error?.message ?? verify.findings.map((one) => one.message).join(' ')}`,
    )
  return code === 0 ? 0 : 3
}

function words(result: Record<string, unknown>): string {
  const backup = result.backup as {
    id: string
    name: string
    database: string
    rows: number
    rawBytes: number
    storedBytes: number
    copies: { storage: string; state: string }[]
  }
  return `${backup.name} of ${backup.database}: ${backup.rows} rows, ${size(backup.rawBytes)}, stored as ${size(backup.storedBytes)} (${backup.copies.map((copy) => `${copy.storage}: ${copy.state}`).join(', ')})\n${backup.id}`
}
