'use client'

import { Download } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'

/** A column of a chart's table twin; `csv` is the bare value, in the unit that the header names. */
export interface TwinColumn<Row> extends Column<Row> {
  csv: (row: Row) => string | number | null
  csvHeader: string
}

/**
 * A chart with its finding in words, and the same data as a table and as CSV. The drawing itself is hidden from screen readers:
 * the sentence and the table say everything that it says.
 */
export function Figure<Row>(props: {
  title: string
  aside?: ReactNode
  /** the finding, one or two sentences */
  finding: ReactNode
  children: ReactNode
  rows: readonly Row[]
  rowKey: (row: Row) => string
  columns: readonly TwinColumn<Row>[]
  /** name of the CSV file, without the ending */
  file: string
  legend?: ReactNode
}) {
  const { title, aside, finding, children, rows, rowKey, columns, file, legend } = props
  const heading = useId()
  // hundreds of rows that nobody asked for would keep the chart waiting
  const [open, setOpen] = useState(false)
  return (
    <section aria-labelledby={heading} className="min-w-0 rounded-[10px] border border-line bg-panel shadow-raise">
      <figure className="m-0 flex h-full flex-col">
        <figcaption className="px-4 pt-3.5 sm:px-[18px]">
          <span className="flex flex-wrap items-baseline justify-between gap-x-4">
            <h2 id={heading} className="m-0 text-base font-semibold">
              {title}
            </h2>
            {aside && <span className="min-w-0 text-sm text-ink-2 [overflow-wrap:anywhere]">{aside}</span>}
          </span>
          <p className="m-0 text-ink-2">{finding}</p>
        </figcaption>
        <div aria-hidden className="min-h-0 grow overflow-hidden px-2 pt-3 sm:px-3">
          {children}
        </div>
        {legend && <div className="px-4 pb-1 sm:px-[18px]">{legend}</div>}
        <details className="group border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className="flex min-h-9 items-center px-4 text-sm font-[550] text-ink-2 marker:content-none hover:bg-hover sm:px-[18px]">
            <span className="group-open:hidden">Show as a table</span>
            <span className="hidden group-open:inline">Hide the table</span>
          </summary>
          <div className="max-h-80 overflow-auto border-t border-line" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
            {!open ? null : rows.length === 0 ? (
              <p className="m-0 px-4 py-3 text-ink-2 sm:px-[18px]">No values in this period.</p>
            ) : (
              <DataTable caption={title} columns={columns} rows={rows} rowKey={rowKey} keep />
            )}
          </div>
          <div className="border-t border-line px-4 py-2 sm:px-[18px]">
            <Button size="small" icon={<Download aria-hidden />} onPress={() => download(`${file}.csv`, toCsv(columns, rows))}>
              Download as CSV
            </Button>
          </div>
        </details>
      </figure>
    </section>
  )
}

/** RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
export function toCsv<Row>(columns: readonly TwinColumn<Row>[], rows: readonly Row[]): string {
  const cell = (value: string | number | null) => {
    if (value === null) return ''
    if (typeof value === 'number') return String(value)
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return [columns.map((column) => cell(column.csvHeader)), ...rows.map((row) => columns.map((column) => cell(column.csv(row))))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = name
  anchor.click()
  URL.revokeObjectURL(url)
}
