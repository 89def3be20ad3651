import { plain } from './output.ts'

/** What a restore or a clone returned, for a person. */
export function restoredWords(result: Record<string, unknown>): string {
  const restore = result.restore as { target: string; outcome: string; tables: number; rows: number; losses: { object?: string; cause?: string }[] }
  const losses = restore.losses.map((loss) => `  lost: ${plain(JSON.stringify(loss))}`)
  return [`${restore.target}: ${restore.outcome}, ${restore.tables} tables, ${restore.rows} rows`, ...losses].join('\n')
}
