import type { ReactNode } from 'react'
import { classes } from './classes.ts'

export interface Column<Row> {
  /** unique; also the React key */
  id: string
  header: ReactNode
  /** the label of this cell on a card; default: the header where it is text */
  label?: string
  cell: (row: Row) => ReactNode
  align?: 'start' | 'end'
  /** the heading of the card on narrow screens; usually holds the row's link, `<Link quiet stretched>` */
  primary?: boolean
  /** no label on the card */
  bare?: boolean
  /** extra classes of the cell, for instance a width */
  className?: string
}

/**
 * A table; cards below 640 px. Explicit roles keep the meaning where CSS takes the display away.
 * `linked`: rows react to the pointer because a stretched link covers them. `keep`: stays a table also on phones (two or three narrow columns).
 */
export function DataTable<Row>(props: {
  /** what the table shows; read aloud, not seen */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  linked?: boolean
  keep?: boolean
  selected?: (row: Row) => boolean
  className?: string
}) {
  const { caption, columns, rows, rowKey, linked, keep, selected, className } = props
  return (
    <table role="table" className={classes('data-table', keep && 'keep', className)}>
      <caption className="sr-only">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.id} role="columnheader" scope="col" className={classes(column.align === 'end' && 'end', column.className)}>
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row" className={linked ? 'linked' : undefined} aria-selected={selected ? selected(row) : undefined}>
            {columns.map((column) => (
              <td
                key={column.id}
                role="cell"
                data-label={column.label ?? (typeof column.header === 'string' ? column.header : '')}
                data-primary={column.primary ? 'true' : undefined}
                data-bare={column.bare ? 'true' : undefined}
                className={classes(column.align === 'end' && 'end', column.className)}
              >
                <div className="min-w-0">{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
