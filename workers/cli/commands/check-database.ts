import type { Command } from 'commander'
import { listDatabases } from '#lib/catalog/databases.ts'
import type { CheckKind } from '#lib/domain/watch/check-kinds.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { findDatabase } from '../find.ts'
import { untilFinished } from '../follow.ts'
import { checksOf, type Looked, printLooked } from '../looked.ts'
import { type Session, withSession } from '../session.ts'

const kinds: readonly CheckKind[] = [
  'database_reachable',
  'database_connections',
  'database_replication',
  'database_archiving',
  'certificate',
  'client_tools',
]

export function addCheckDatabase(program: Command): void {
  program
    .command('check-database')
    .description('whether databases answer and can be backed up now; writes nothing to them; exits 3 when something is wrong')
    .argument('[name]', 'a registered database; left out: every one')
    .option('--database <name>', 'the same')
    .action(async (name: string | undefined, options: { database?: string }) => {
      process.exitCode = await withSession(async (session) => {
        const looked: Looked[] = []
        for (const database of await wanted(session, name ?? options.database)) {
          const { id } = await requestCheck(session.catalog, session.actor, { input: { of: 'database', databaseId: database.id }, via: 'cli' })
          const row = await untilFinished(session, id)
          looked.push({ id: database.id, name: database.name, row, checks: await checksOf(session, database.id, kinds) })
        }
        return printLooked('databases', looked)
      })
    })
}

async function wanted(session: Session, name: string | undefined) {
  if (name !== undefined) return [await findDatabase(session, name)]
  const all = (await listDatabases(session.catalog)).filter((one) => !one.is_catalogue && one.username !== '')
  if (all.length === 0) throw new LifeboatError('not_found', 'No database is registered.', 'lifeboat database add NAME --url URL')
  return all
}
