import { z } from 'zod'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { formatCount } from '#lib/domain/units.ts'

const writtenTable = z.object({
  schema: z.string(),
  table: z.string(),
  inserted: z.number(),
  updated: z.number(),
  deleted: z.number(),
  what: z.string(),
})
/** What an undo leaves in its result. Read loosely: another shape is shown as it is. */
export const undoResult = z.object({
  act: z.enum(['swap_back', 'drop']),
  live: z.string(),
  kept: z.string(),
  undoUntil: z.string().nullable(),
  writtenSince: z
    .object({ known: z.boolean(), why: z.string().optional(), tables: z.array(z.unknown()).default([]) })
    .nullable()
    .default(null),
})
type UndoResult = z.output<typeof undoResult>
type Written = z.output<typeof writtenTable>

const whatWords: Readonly<Record<string, string>> = {
  written: 'rows written',
  rewritten: 'rewritten as a whole',
  created: 'created',
  dropped: 'dropped',
}

const columns: Column<Written>[] = [
  { id: 'table', header: 'Table', primary: true, cell: (row) => <span className="font-mono text-[12.5px]">{`${row.schema}.${row.table}`}</span> },
  { id: 'what', header: 'What', cell: (row) => whatWords[row.what] ?? row.what },
  { id: 'inserted', header: 'Inserted', align: 'end', cell: (row) => formatCount(row.inserted) },
  { id: 'updated', header: 'Updated', align: 'end', cell: (row) => formatCount(row.updated) },
  { id: 'deleted', header: 'Deleted', align: 'end', cell: (row) => formatCount(row.deleted) },
]

/** What became of a swap that was taken back, or of the database that was kept. */
export function UndoPanel({ undo }: { undo: UndoResult }) {
  if (undo.act === 'drop') {
    return (
      <Panel title={`${undo.kept} was dropped`} say={`It was kept since another database took the name ${undo.live}. That one was not touched.`}>
        {null}
      </Panel>
    )
  }
  const written = (undo.writtenSince?.tables ?? []).flatMap((one) => writtenTable.safeParse(one).data ?? [])
  return (
    <>
      <Panel title={`${undo.live} is the older database again`}>
        <Facts
          items={[
            { term: 'The newer one', value: `is kept as ${undo.kept}, closed` },
            undo.undoUntil === null ? null : { term: 'Kept until', value: <Time at={undo.undoUntil} /> },
            {
              term: 'Written since the swap',
              value:
                undo.writtenSince?.known !== true
                  ? `unknown. ${undo.writtenSince?.why ?? ''}`.trim()
                  : written.length === 0
                    ? 'the server counted nothing'
                    : `in ${formatCount(written.length, 'table')}; it is in the kept database only`,
            },
          ]}
        />
      </Panel>
      {written.length > 0 && (
        <Panel title="Written since the swap" say="As the server counted it. It is in the kept database, and no longer in the live one." flush>
          <DataTable caption="Written since the swap" columns={columns} rows={written} rowKey={(row) => `${row.schema}.${row.table}`} />
        </Panel>
      )}
    </>
  )
}
