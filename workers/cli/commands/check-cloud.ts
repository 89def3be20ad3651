import type { Command } from 'commander'
import type { CheckKind } from '#lib/domain/watch/check-kinds.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { findStorages } from '../find.ts'
import { untilFinished } from '../follow.ts'
import { checksOf, type Looked, printLooked } from '../looked.ts'
import { withSession } from '../session.ts'

const kinds: readonly CheckKind[] = ['storage_reachable', 'storage_room', 'storage_drift', 'storage_certificate']

export function addCheckCloud(program: Command): void {
  program
    .command('check-cloud')
    .description('whether storages take and give back what is stored, and how full they are; exits 3 when something is wrong')
    .argument('[names...]', 'storages; left out: every one')
    .option('--storage <name...>', 'the same')
    .action(async (given: string[], options: { storage?: string[] }) => {
      const names = [...given, ...(options.storage ?? [])]
      process.exitCode = await withSession(async (session) => {
        const looked: Looked[] = []
        for (const storage of await findStorages(session, names)) {
          const { id } = await requestCheck(session.catalog, session.actor, { input: { of: 'storage', storageId: storage.id }, via: 'cli' })
          const row = await untilFinished(session, id)
          looked.push({ id: storage.id, name: storage.name, row, checks: await checksOf(session, storage.id, kinds) })
        }
        return printLooked('storages', looked)
      })
    })
}
