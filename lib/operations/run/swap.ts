import { insertSwap, type NewSwap, writeSwapFailed, writeSwapped, writeSwapStep } from '#lib/catalog/swaps.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { type Settled, settleSwap } from '#lib/engine/postgres/settle-swap.ts'
import { type Swap, swapDatabases } from '#lib/engine/postgres/swap.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import type { RunContext } from '../run-context.ts'

export type SwapOrder = Omit<NewSwap, 'operationId'> & {
  /** the incoming database lets people in now, and does so again if the swap is taken back */
  openIncoming: boolean
}

/**
 * Swaps two databases, each step written before it is done. Returns until when the old one is kept. Throws with the live database as it was
 * (`detail.swap: 'untouched'`), or `indeterminate` where nobody can say; the reaper goes on asking in that case.
 */
export async function performSwap(context: RunContext, door: Connection, order: SwapOrder): Promise<{ undoUntil: Date }> {
  const { operationId, attemptToken, catalog } = context
  const { openIncoming, ...row } = order
  const swap: Swap = { live: order.live, incoming: order.incoming, keptName: order.keptName }
  const lost = () => new LifeboatError('interrupted', 'This attempt is no longer the current one.')
  if ((await insertSwap(catalog, { ...row, operationId }, attemptToken)) === null) throw lost()
  failPoint('swap.prepared')
  try {
    await swapDatabases(door, swap, {
      signal: context.signal,
      persist: async (step) => {
        if (!(await writeSwapStep(catalog, operationId, attemptToken, step))) throw lost()
      },
    })
  } catch (error) {
    await takeBack(context, { door, swap, was: { openLive: order.openLive, openIncoming }, error })
  }
  const swapped = await writeSwapped(catalog, operationId)
  failPoint('swap.kept')
  if (swapped?.undo_until === undefined || swapped.undo_until === null) throw lost()
  context.log(`Swapped: ${order.live.name} is the restored database now, the old one is kept as ${order.keptName}.`)
  return { undoUntil: swapped.undo_until }
}

/** Returns where the swap turned out to be done in spite of the error: an answer of the server may be lost, and the commit not. */
async function takeBack(
  context: RunContext,
  options: { door: Connection; swap: Swap; was: { openLive: boolean; openIncoming: boolean }; error: unknown },
): Promise<void> {
  const known = asLifeboatError(options.error)
  const settled = await settleSwap(options.door, options.swap, options.was).catch((cause: unknown) => {
    throw new LifeboatError('indeterminate', `${known.message} ${asLifeboatError(cause).message}`, wayOut(options.swap), {
      cause,
      detail: { swap: 'unclear' },
    })
  })
  if (settled.outcome === 'swapped') return
  await writeSwapFailed(context.catalog, context.operationId)
  if (settled.outcome === 'unclear') throw unclearSwap(options.swap, settled)
  const hint = `${known.hint} The live database ${options.swap.live.name} is open and was not changed.`.trim()
  throw new LifeboatError(known.code, known.message, hint, { cause: options.error, detail: { ...known.detail, swap: 'untouched' } })
}

/** Somebody else renamed or dropped what was being swapped: said as it was found. */
export function unclearSwap(swap: Swap, settled: Extract<Settled, { outcome: 'unclear' }>): LifeboatError {
  const seen = [
    [swap.live, 'The old live database'],
    [swap.incoming, 'The restored database'],
  ] as const
  const found = seen.map(([{ oid }, what]) => {
    const now = settled.found.find((one) => one.oid === oid)
    return now === undefined ? `${what} (OID ${oid}) is gone.` : `${what} (OID ${oid}) is called ${now.name} now.`
  })
  const name = settled.liveNameIs === null ? `No database is called ${swap.live.name}.` : ''
  return new LifeboatError(
    'indeterminate',
    ['Somebody renamed or dropped a database during the swap.', ...found, name].join(' ').trim(),
    wayOut(swap),
    {
      detail: { swap: 'unclear' },
    },
  )
}

/** What a person can do by hand; the names are those of the two, whichever has which now. */
export function wayOut(swap: Swap): string {
  return [
    `Lifeboat goes on asking the server, and opens ${swap.live.name} as soon as it can.`,
    `By hand: if ${swap.live.name} lets nobody in, ALTER DATABASE … ALLOW_CONNECTIONS true; if no database has that name, the old one is called`,
    `${swap.keptName} (OID ${swap.live.oid}) and the restored one ${swap.incoming.name} (OID ${swap.incoming.oid}): rename one of them.`,
  ].join(' ')
}
