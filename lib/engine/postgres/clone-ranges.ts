import type { PageRange } from './clone-tables.ts'

/** From 14 on the server reads a range of pages without looking at the others. */
const rangeScansSince = 140_000
/** What a session does in some seconds: pieces below are not worth the order that they cost. */
export const smallestCut = 256 << 20

/**
 * The ranges of pages in which a table is read: one (null) unless it is so large that its copy would go on when all others are done. Each range
 * is about half of what a session has to do in all, so that the last of them ends soon after the others.
 */
export function rangesOf(
  table: { pages: number; bytes: number; condition: string | null; columns: readonly unknown[] },
  all: { bytes: number; jobs: number; versionNum: number; cutAbove?: number },
): (PageRange | null)[] {
  const share = all.bytes / Math.max(1, all.jobs)
  const cutAbove = all.cutAbove ?? smallestCut
  const cuttable = all.versionNum >= rangeScansSince && table.condition === null && table.columns.length > 0
  if (!cuttable || all.jobs < 2 || table.bytes < cutAbove || table.bytes <= share) return [null]
  const count = Math.min(
    table.pages,
    Math.max(2, Math.min(Math.ceil((2 * all.jobs * table.bytes) / all.bytes), Math.floor(table.bytes / (cutAbove / 4)))),
  )
  if (count < 2) return [null]
  const step = Math.ceil(table.pages / count)
  const ranges: PageRange[] = []
  // the last has no end: pages may have been added since, with rows that the snapshot does not see
  for (let from = 0; from < table.pages; from += step) ranges.push({ from, to: from + step < table.pages ? from + step : null })
  return ranges
}
