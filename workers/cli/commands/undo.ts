import type { Command } from 'commander'
import { listSwaps } from '#lib/catalog/views/swaps.ts'
import { getSwap } from '#lib/catalog/swaps.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'
import { requestUndo } from '#lib/operations/undo/request.ts'
import { confirmName } from '../ask.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { plain, print, table } from '../output.ts'
import { reapHere } from '../reap-here.ts'
import { withSession } from '../session.ts'

interface Options {
  dryRun?: boolean
  yes?: boolean
  undoHours?: string
}

export function addUndo(program: Command): void {
  const undo = program.command('undo').description('databases that were replaced and are kept: swap them back, or drop them')
  undo
    .command('list')
    .description('what is kept, and until when; with --all also what was')
    .option('--all', 'also swaps that are over')
    .action(async (options: { all?: boolean }) => {
      const swaps = await withSession(async (session) => {
        await reapHere(session)
        return listSwaps(session.catalog, session.actor, options.all ? {} : { kept: true })
      })
      print({ swaps }, () =>
        swaps.length === 0 ? 'Nothing is kept.' : table(['DATABASE', 'LIVE', 'KEPT', 'STATE', 'UNTIL (UTC)', 'OPERATION'], swaps.map(cells)),
      )
    })
  undo
    .command('swap-back')
    .description('give the live name back to the kept database; the newer one is kept in turn')
    .argument('<operation>', 'the id of the operation that swapped: lifeboat undo list')
    .option('--undo-hours <n>', 'keep the newer database for so long', '72')
    .option('--dry-run', 'say what would be, and what was written since the swap; changes nothing')
    .option('--yes', 'do not ask')
    .action((operation: string, options: Options) => carryOut('swap_back', operation, options))
  undo
    .command('drop')
    .description('drop the kept database before its time')
    .argument('<operation>', 'the id of the operation that swapped: lifeboat undo list')
    .option('--dry-run', 'say what would be; changes nothing')
    .option('--yes', 'do not ask')
    .action((operation: string, options: Options) => carryOut('drop', operation, options))
}

async function carryOut(act: 'swap_back' | 'drop', operation: string, options: Options): Promise<void> {
  const undoHours = options.undoHours === undefined ? undefined : Number(options.undoHours)
  if (undoHours !== undefined && !(Number.isInteger(undoHours) && undoHours >= 1 && undoHours <= 720))
    throw new LifeboatError('usage', `--undo-hours ${options.undoHours} is not a number from 1 to 720.`)
  process.exitCode = await withSession(async (session) => {
    await reapHere(session)
    if (!/^[0-9a-f-]{36}$/i.test(operation)) throw new LifeboatError('usage', `"${operation}" is no id of an operation.`, 'lifeboat undo list')
    const swap = await getSwap(session.catalog, operation)
    if (swap === null) throw new LifeboatError('not_found', 'This operation swapped no database.', 'lifeboat undo list')
    const name = act === 'swap_back' ? swap.live_name : swap.kept_name
    if (!options.dryRun) {
      const what = act === 'swap_back' ? `${swap.live_name} becomes ${swap.kept_name} again.` : `${swap.kept_name} is dropped for good.`
      await confirmName(what, name, options.yes ?? false)
    }
    const { id } = await requestUndo(session.catalog, session.actor, {
      swapOperationId: operation,
      act,
      confirmation: name,
      ...(undoHours === undefined ? {} : { undoHours }),
      dryRun: options.dryRun ?? false,
      via: 'cli',
    })
    return printFinished(await untilFinished(session, id), words)
  })
}

function cells(one: SwapView): string[] {
  return [one.databaseName, one.liveName, one.keptName, one.state, one.undoUntil?.slice(0, 16).replace('T', ' ') ?? '–', one.operationId]
}

function words(result: Record<string, unknown>): string {
  const undo = result.undo as { act: string; live: string; kept: string; undoUntil: string | null }
  if (undo.act === 'drop') return `${plain(undo.kept)} was dropped.`
  return `${plain(undo.live)} is the older database again. The newer one is kept as ${plain(undo.kept)} until ${undo.undoUntil}.`
}
