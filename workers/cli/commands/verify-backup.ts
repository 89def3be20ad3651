import type { Command } from 'commander'
import { requestVerify } from '#lib/operations/verify/request.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { findBackup } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { withSession } from '../session.ts'

interface Copy {
  storage: string
  verdict: string
  /** when its last byte had been read */
  at: string
  entries: { name: string; problem: string }[]
}

export function addVerifyBackup(program: Command): void {
  program
    .command('verify-backup')
    .description('re-read, authenticate and hash every stored byte of each copy')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .option('--database <name>', 'of this database')
    .action(async (which: string, options: { database?: string }) => {
      process.exitCode = await withSession(async (session) => {
        const backup = await findBackup(session, which, options.database, 'verify')
        const { id } = await requestVerify(session.catalog, session.actor, { backupId: backup.id, via: 'cli' })
        const row = await untilFinished(session, id)
        return printFinished(row, (result) => {
          const copies = result.copies as Copy[]
          const lines = copies.flatMap((copy) => [
            `  ${copy.storage}: ${copy.verdict}, read back ${formatUtc(copy.at)}`,
            ...copy.entries.map((entry) => `    ${entry.name}: ${entry.problem}`),
          ])
          return [`${backup.name}: ${String(result.verdict)}`, ...lines].join('\n')
        })
      })
    })
}
