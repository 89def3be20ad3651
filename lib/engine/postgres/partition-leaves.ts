import { StatementReader } from './statement-reader.ts'
import { sqlStatements } from './sql-tokens.ts'
import type { Toc, TocEntry } from './toc.ts'

/** The tables that hold the rows of a partitioned one, through any number of levels. */
export function leavesOf(toc: Toc, root: TocEntry): TocEntry[] {
  const tables = new Map(toc.entries.filter((entry) => entry.desc === 'TABLE').map((entry) => [entry.dumpId, entry]))
  const children = (parent: TocEntry): TocEntry[] =>
    toc.entries.flatMap((entry) => {
      if (entry.desc !== 'TABLE ATTACH' || !entry.dependencies.includes(parent.dumpId)) return []
      const [attach] = sqlStatements(entry.defn)
      const reader = new StatementReader(attach ?? [])
      if (!reader.words('alter', 'table')) return []
      reader.words('only')
      const to = reader.qualified()
      if (to === null || to.schema !== parent.schema || to.name !== parent.tag || !reader.words('attach', 'partition')) return []
      const leaf = reader.qualified()
      return [...tables.values()].filter((table) => table.schema === leaf?.schema && table.tag === leaf?.name)
    })
  const leaves: TocEntry[] = []
  const seen = new Set<TocEntry>()
  const walk = (table: TocEntry) => {
    if (seen.has(table)) return
    seen.add(table)
    const below = children(table)
    if (below.length === 0 && table !== root) leaves.push(table)
    for (const child of below) walk(child)
  }
  walk(root)
  return leaves
}
