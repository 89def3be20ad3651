import { plain } from './output.ts'

interface Restored {
  target: string
  outcome: string
  tables: number
  rows: number
  losses: { object?: string; cause?: string }[]
  undoUntil?: string | null
}

/** What a restore or a clone returned, for a person. */
export function restoredWords(result: Record<string, unknown>): string {
  const restore = result.restore as Restored
  const swap = result.swap as { kept: string } | null | undefined
  return [
    `${restore.target}: ${restore.outcome}, ${restore.tables} tables, ${restore.rows} rows`,
    ...restore.losses.map((loss) => `  lost: ${plain(JSON.stringify(loss))}`),
    ...(swap ? [`The old database is kept as ${plain(swap.kept)} until ${restore.undoUntil}: lifeboat undo list`] : []),
    ...(typeof result.beside === 'string' ? [`Nothing was swapped; the restored database is ${plain(result.beside)}.`] : []),
  ].join('\n')
}
