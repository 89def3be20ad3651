import type { Command } from 'commander'
import { listStorages } from '#lib/catalog/storages.ts'
import { requestPrune } from '#lib/operations/prune/request.ts'
import { confirm } from '../ask.ts'
import { findDatabase, findStorage } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { size, talk } from '../output.ts'
import { withSession } from '../session.ts'

interface Options {
  storage?: string
  database?: string
  dryRun?: boolean
  yes?: boolean
}

interface Pruned {
  storage: string
  kept: number
  waiting: number
  due: number
  dueBytes: number
  deleted?: number
  freedBytes?: number
  wouldDelete?: { name: string; storedBytes: number; why: string }[]
}

export function addPrune(program: Command): void {
  program
    .command('prune')
    .description('delete the copies that the rules let go; happens daily by itself')
    .option('--storage <name>', 'on this storage; without it on each of them')
    .option('--database <name>', 'of this database')
    .option('--dry-run', 'say which would go, and why; deletes nothing')
    .option('--yes', 'do not ask')
    .action(async (options: Options) => {
      process.exitCode = await withSession(async (session) => {
        const databaseId = options.database === undefined ? null : (await findDatabase(session, options.database)).id
        const storages = options.storage === undefined ? await listStorages(session.catalog) : [await findStorage(session, options.storage)]
        const dryRun = options.dryRun ?? false
        if (!dryRun) await confirm('Delete what the rules let go? lifeboat prune --dry-run shows it.', options.yes === true)
        let worst = 0
        for (const storage of storages) {
          talk(`${storage.name}:`)
          const { id } = await requestPrune(session.catalog, session.actor, { storageId: storage.id, databaseId, dryRun, via: 'cli' })
          const exit = printFinished(await untilFinished(session, id), (result) => linesOf(result.prune as Pruned))
          worst = Math.max(worst, exit)
        }
        return worst
      })
    })
}

function linesOf(pruned: Pruned): string {
  const counts = `${pruned.kept} copies stay, ${pruned.waiting} wait`
  if (pruned.wouldDelete === undefined) return `${pruned.deleted ?? 0} copies deleted, ${size(pruned.freedBytes ?? 0)} freed; ${counts}`
  const head = `${pruned.due} copies would go, ${size(pruned.dueBytes)}; ${counts}`
  return [head, ...pruned.wouldDelete.map((one) => `  ${one.name}  ${size(one.storedBytes)}  ${one.why}`)].join('\n')
}
