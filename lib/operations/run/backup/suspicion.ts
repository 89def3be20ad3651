import type { Manifest } from '#lib/domain/manifest.ts'
import { type Measured, suspicionOf } from '#lib/domain/suspicion.ts'
import { listMeasures } from '#lib/catalog/suspicion.ts'
import type { RunContext } from '../../run-context.ts'

/** Why this backup is suspicious, in words; null: it is not. `databaseId` null: there is nothing to measure it by. */
export async function suspicion(
  context: RunContext,
  databaseId: string | null,
  manifest: Pick<Manifest, 'entries' | 'totals'>,
): Promise<string | null> {
  const history = databaseId === null ? [] : await listMeasures(context.catalog, databaseId)
  return suspicionOf(
    measured(manifest),
    history[0] ?? null,
    history.map((one) => one.rawBytes),
  )
}

function measured({ entries, totals }: Pick<Manifest, 'entries' | 'totals'>): Measured {
  const tables = entries.flatMap((entry) =>
    entry.kind === 'table' ? [{ schema: entry.schema ?? '', table: entry.table ?? '', rows: entry.rows ?? 0, rawBytes: entry.rawBytes }] : [],
  )
  return { rows: totals.rows, rawBytes: totals.rawBytes, tables }
}
