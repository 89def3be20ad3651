'use client'

import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { formatCount } from '#lib/domain/units.ts'
import type { NativeBackupView } from '#lib/domain/watch-views.ts'

const shown = 10

/** Backups that Supabase itself makes, beside ours and never counted among them: nobody here has read one. Nothing where there are none. */
export function NativeBackupsPanel({ backups }: { backups: NativeBackupView[] }) {
  const [first] = backups
  if (first === undefined) return null
  return (
    <Panel
      title="Kept by Supabase"
      aside={
        <>
          as of <Time at={first.seenAt} />
        </>
      }
      say="Lifeboat can neither read nor verify these, and they count for no objective: they are restored in Supabase’s dashboard, in place of the project."
      flush
    >
      <DataTable
        caption="Backups kept by Supabase"
        rows={backups.slice(0, shown)}
        rowKey={(backup) => backup.id}
        columns={[
          { id: 'at', header: 'Moment', primary: true, cell: (backup) => <Time at={backup.at} as="utc" /> },
          { id: 'status', header: 'Supabase says', cell: (backup) => backup.status.toLowerCase() },
          { id: 'kind', header: 'Kind', cell: (backup) => (backup.physical ? 'physical' : 'logical') },
        ]}
      />
      {backups.length > shown && <p className="m-0 px-4 py-2 text-sm text-ink-2 sm:px-[18px]">And {formatCount(backups.length - shown)} older.</p>}
    </Panel>
  )
}
