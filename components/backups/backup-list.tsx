'use client'

import { useQuery } from '@tanstack/react-query'
import { Archive, Lock } from 'lucide-react'
import { useState } from 'react'
import { LinkButton } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { Pagination } from '#components/ui/pagination.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { backupsQuery } from '#lib/client/queries.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupView, Page } from '#lib/domain/views.ts'
import { areFiltered, type BackupFilterValues, backupsHref } from './backup-filters.ts'
import { BulkVerify } from './bulk-verify.tsx'
import { CopiesCell } from './copies-cell.tsx'
import { useKept } from './use-kept.ts'
import { useRowKeys } from './use-row-keys.ts'

interface Props {
  filters: BackupFilterValues
  initial: Page<BackupView>
  role: Role
}

/** Which points can I go back to? */
export function BackupList({ filters, initial, role }: Props) {
  const { data } = useQuery({ ...backupsQuery(filters), initialData: initial })
  const kept = useKept(data.rows)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const rows = data.rows
  const chosenHere = rows.filter((row) => chosen.has(row.id))
  const toggle = (id: string) => setChosen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]))
  useRowKeys('[data-backup-link]', (link) => toggle(link.dataset.backupLink ?? ''))

  const columns: Column<BackupView>[] = [
    {
      id: 'choose',
      header: (
        <Checkbox
          label="Choose all backups on this page"
          checked={rows.length > 0 && chosenHere.length === rows.length}
          some={chosenHere.length > 0 && chosenHere.length < rows.length}
          onChange={(checked) => setChosen(checked ? new Set(rows.map((row) => row.id)) : new Set())}
        />
      ),
      bare: true,
      // on a card the box stands beside the name
      className: 'w-10 sm:pr-0 max-sm:absolute max-sm:top-3 max-sm:right-3 max-sm:z-[1]',
      cell: (row) => (
        <span className="above">
          <Checkbox label={`Choose ${row.name}`} checked={chosen.has(row.id)} onChange={() => toggle(row.id)} />
        </span>
      ),
    },
    {
      id: 'backup',
      header: 'Backup',
      primary: true,
      className: 'max-sm:pr-9!',
      cell: (row) => (
        <>
          <span data-backup-link={row.id}>
            <Link href={`/backups/${row.id}`} quiet stretched>
              {row.name}
            </Link>
          </span>
          <span className="block text-sm text-ink-2">
            {row.database.name} · {row.tier}
            {row.suspicious !== null && row.look?.verdict !== 'fine' && (
              <span className={`font-[550] ${row.look === null ? 'text-warn' : 'text-bad'}`}>
                {' '}
                · {row.look === null ? 'suspicious' : 'found bad'}: {row.suspicious}
              </span>
            )}
          </span>
          {row.holds > 0 && (
            <span className="mt-1 block">
              <Chip tone="idle" icon={Lock}>
                {row.holds === 1 ? 'held' : `held by ${formatCount(row.holds)}`}
              </Chip>
            </span>
          )}
        </>
      ),
    },
    {
      id: 'taken',
      header: 'Taken',
      cell: (row) => (
        <>
          <Time at={row.createdAt} />
          {kept.has(row.id) && <span className="block min-w-[16ch] text-sm text-ink-2">{kept.get(row.id)}</span>}
        </>
      ),
    },
    {
      id: 'contents',
      header: 'Contents',
      align: 'end',
      cell: (row) => (
        <>
          {formatBytes(row.rawBytes)}
          <span className="block text-sm whitespace-nowrap text-ink-2">
            {formatCount(row.tables, 'table')}, {formatCount(row.rows, 'row')}
          </span>
        </>
      ),
    },
    { id: 'stored', header: 'Stored', align: 'end', cell: (row) => formatBytes(row.storedBytes) },
    { id: 'copies', header: 'Copies', cell: (row) => <CopiesCell copies={row.copies} /> },
    {
      id: 'verified',
      header: 'Read back',
      cell: (row) => (
        <>
          <Time at={row.verifiedAt} />
          <span className="block text-sm whitespace-nowrap text-ink-2">
            {row.provenAt === null ? 'never proven' : 'proven '}
            {row.provenAt !== null && <Time at={row.provenAt} />}
          </span>
        </>
      ),
    },
  ]

  return (
    <>
      {rows.length > 0 && (
        <BulkVerify
          chosen={chosenHere}
          denied={allows(role, 'backup.verify') ? null : reasonDenied('backup.verify')}
          onStarted={() => setChosen(new Set())}
        />
      )}
      <Panel flush>
        {rows.length === 0 ? (
          <NoBackups filtered={areFiltered(filters)} />
        ) : (
          <>
            <DataTable
              caption="Backups, newest first"
              columns={columns}
              rows={rows}
              rowKey={(row) => row.id}
              linked
              selected={(row) => chosen.has(row.id)}
            />
            <Pagination
              first={filters.cursor === undefined ? null : backupsHref({ ...filters, cursor: undefined })}
              next={data.nextCursor === null ? null : backupsHref({ ...filters, cursor: data.nextCursor })}
              shown={`${formatCount(rows.length, 'backup')} on this page, newest first.`}
              keys="Keys: j and k move, x chooses, Enter opens."
            />
          </>
        )}
      </Panel>
    </>
  )
}

function NoBackups({ filtered }: { filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyState icon={Archive} title="No backup matches these filters" action={<LinkButton href="/backups">Show all backups</LinkButton>}>
        The state of a backup is that of its best copy. Backups that never got complete are hidden unless a state is chosen.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={Archive}
      title="There is no backup yet"
      action={
        <LinkButton variant="primary" href="/databases">
          Choose a database to back up
        </LinkButton>
      }
    >
      A backup is one point that a database can go back to. The first one appears here as soon as it is complete.
    </EmptyState>
  )
}
