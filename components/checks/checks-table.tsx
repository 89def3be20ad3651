'use client'

import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Time } from '#components/ui/time.tsx'
import { CheckBadge } from '#components/watch/looks.tsx'
import { formatDuration } from '#lib/domain/units.ts'
import { checkHref } from './check-href.ts'
import type { KnownCheck } from './check-filters.ts'

/** Checks with their last result. `owner`: whose they are, where the table does not hold the checks of several. */
export function ChecksTable({ checks, owner }: { checks: KnownCheck[]; owner: string }) {
  return <DataTable caption={`Checks of ${owner}`} columns={columnsFor(owner)} rows={checks} rowKey={(row) => `${row.kind} ${row.subject}`} linked />
}

function columnsFor(owner: string): Column<KnownCheck>[] {
  return [
    {
      id: 'check',
      header: 'Check',
      primary: true,
      className: 'md:w-[26%]',
      cell: (row) => (
        <>
          <Link quiet stretched href={checkHref(row)}>
            {row.title}
            {row.subjectName !== '' && row.subjectName !== owner && <span className="font-normal text-ink-2">, {row.subjectName}</span>}
          </Link>
          <div className="text-sm text-ink-3 first-letter:uppercase">{row.question}</div>
        </>
      ),
    },
    { id: 'status', header: 'Result', cell: (row) => <CheckBadge status={row.statusNow} /> },
    {
      id: 'words',
      header: 'What it saw',
      className: 'md:w-[40%]',
      cell: (row) => (
        <span className="[overflow-wrap:anywhere]">
          {row.staleNow && <span className="text-ink-3">Not looked at in time. Before that: </span>}
          {row.words}
          {row.alertId !== null && (
            <>
              {' '}
              <Link href={`/alerts/${row.alertId}`} className="above whitespace-nowrap" label={`Its alert: ${row.title}`}>
                Its alert
              </Link>
            </>
          )}
        </span>
      ),
    },
    {
      id: 'looked',
      header: 'Last looked',
      cell: (row) => (
        <>
          <Time at={row.checkedAt} />
          <div className="text-sm whitespace-nowrap text-ink-3">every {formatDuration(row.everySeconds)}</div>
        </>
      ),
    },
    { id: 'since', header: 'So since', cell: (row) => <Time at={row.since} /> },
  ]
}
