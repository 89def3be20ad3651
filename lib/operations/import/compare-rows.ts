import type { Manifest } from '#lib/domain/manifest.ts'
import { type Loaded, shownName } from '#lib/engine/import/load.ts'
import { type Survey, keyOf } from '#lib/engine/import/survey.ts'

export interface Loss {
  object: string
  cause: string
}

/** Tables of which fewer rows were loaded than stand in the file. */
export function rowsThatDidNotCome(survey: Survey, loaded: Loaded): Loss[] {
  return survey.tables.flatMap((table) => {
    const rows = loaded.rows.get(keyOf(table)) ?? 0
    if (rows === table.rows) return []
    return [{ object: shownName(table), cause: `${rows} of ${table.rows} rows came` }]
  })
}

/**
 * Whether what was sealed is what was loaded: a trigger or a rule of the dump may have written or dropped rows on the way. Rows that the file has as
 * INSERTs count as the server counted them.
 */
export function sealedOtherRows(manifest: Manifest, loaded: Loaded): Loss[] {
  const came = [...loaded.rows.values()].reduce((sum, rows) => sum + rows, 0) + loaded.insertedRows
  if (manifest.totals.rows === came) return []
  return [{ object: 'rows in all', cause: `${came} were loaded, and ${manifest.totals.rows} are there` }]
}
