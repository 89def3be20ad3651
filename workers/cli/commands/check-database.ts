import type { Command } from 'commander'
import { requestCheck } from '#lib/operations/check/request.ts'
import { findDatabase } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { withSession } from '../session.ts'

export function addCheckDatabase(program: Command): void {
  program
    .command('check-database')
    .description('whether a database can be backed up now; writes nothing to it')
    .argument('[name]', 'a registered database; may be left out where there is one')
    .option('--database <name>', 'the same')
    .action(async (name: string | undefined, options: { database?: string }) => {
      process.exitCode = await withSession(async (session) => {
        const database = await findDatabase(session, name ?? options.database)
        const { id } = await requestCheck(session.catalog, session.actor, { input: { of: 'database', databaseId: database.id }, via: 'cli' })
        const row = await untilFinished(session, id)
        return printFinished(row, (result) => {
          const check = result.check as { ok: boolean; tables: number; server: { version: string } | null }
          return check.ok
            ? `${database.name} can be backed up: PostgreSQL ${check.server?.version ?? '?'}, ${check.tables} tables.`
            : `${database.name} cannot be backed up now.`
        })
      })
    })
}
