import type { Command } from 'commander'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { setImportsEnabled } from '#lib/catalog/imports.ts'
import { findDatabase, findStorages } from '../find.ts'
import { printFinished } from '../finish.ts'
import { exitCodeOf } from '../follow.ts'
import { importFile } from '../import-file.ts'
import { plain, print, size, talk } from '../output.ts'
import { type Session, withSession } from '../session.ts'

interface Options {
  database?: string
  storage?: string[]
  keyFile?: string
  dryRun?: boolean
  force?: boolean
}

export function addImport(program: Command): void {
  program
    .command('import')
    .description('make a backup of a file of the older scripts: .sql, .sql.gz, .sql.gz.enc, .dump; on or off as its argument allow it or do not')
    .argument('<file>', 'a path on this machine; or on, off')
    .option('--database <name>', 'whose backup it becomes; may be left out where there is one')
    .option('--storage <name...>', 'which storages; all of them by default')
    .option('--key-file <path>', 'a file whose first line is the old key; by default ENCRYPTION_KEY of the environment')
    .option('--dry-run', 'open it, read it to its end and say what is in it; writes nothing')
    .option('--force', 'go on in spite of findings that may be overridden')
    .option('--yes', 'do not ask; an import writes to no database')
    .action(async (file: string, options: Options) => {
      process.exitCode = await withSession(async (session) => {
        if (file === 'on' || file === 'off') return await allow(session, file === 'on')
        const database = await findDatabase(session, options.database)
        const storages = await findStorages(session, options.storage)
        const { row, verifies } = await importFile(session, {
          file,
          databaseId: database.id,
          storageIds: storages.map((storage) => storage.id),
          keyFile: options.keyFile,
          force: options.force ?? false,
          dryRun: options.dryRun ?? false,
        })
        for (const verify of verifies) if (exitCodeOf(verify) !== 0) talk(`The backup was made, but ${verify.title} ended ${verify.state}.`)
        return Math.max(printFinished(row, words), ...verifies.map((verify) => (exitCodeOf(verify) === 0 ? 0 : 3)))
      })
    })
}

async function allow(session: Session, enabled: boolean): Promise<number> {
  await session.catalog.transaction().execute(async (trx) => {
    await setImportsEnabled(trx, enabled)
    await appendAudit(trx, auditKey(), {
      ...auditActor(session.actor),
      action: 'settings.change',
      subjectKind: 'setting',
      subjectId: 'imports',
      outcome: 'done',
      detail: { enabled },
    })
  })
  print({ imports: { enabled } }, () => `Imports are ${enabled ? 'on' : 'off'}.`)
  return 0
}

function words(result: Record<string, unknown>): string {
  const backup = result.backup as { id: string; name: string; database: string; rows: number; rawBytes: number }
  const { takenAt, takenAtFrom, ledger, losses } = result.import as {
    takenAt: string
    takenAtFrom: string
    ledger: { line: number; statement: string; reason: string; matters: boolean }[]
    losses: { object: string; cause: string }[]
  }
  return [
    `${backup.name} of ${backup.database}: ${backup.rows} rows, ${size(backup.rawBytes)}, as of ${takenAt} (by its ${takenAtFrom.replace('_', ' ')})`,
    ...losses.map((loss) => `  lost: ${plain(loss.object)}: ${plain(loss.cause)}`),
    ...ledger.filter((one) => one.matters).map((one) => `  not carried out, line ${one.line}: ${plain(one.statement)} (${plain(one.reason)})`),
    backup.id,
  ].join('\n')
}
