'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { type CheckGroup, countWords } from './check-filters.ts'
import { ChecksTable } from './checks-table.tsx'

/** The checks of one object. `folded`: among many groups those that are well take one line, until it is opened. */
export function CheckGroupPanel({ group, folded }: { group: CheckGroup; folded: boolean }) {
  const [open, setOpen] = useState(false)
  const shown = folded && !open ? group.checks.filter((check) => check.statusNow !== 'ok') : group.checks
  return (
    <Panel
      flush
      title={
        group.href === null ? (
          group.name
        ) : (
          <Link href={group.href} quiet>
            {group.name}
          </Link>
        )
      }
      aside={countWords(group.counts)}
    >
      {shown.length > 0 && <ChecksTable checks={shown} owner={group.name} />}
      {folded && group.counts.ok > 0 && (
        <p className="m-0 border-t border-line px-3 py-1.5">
          <Button
            size="small"
            variant="plain"
            label={`${open ? 'Hide' : 'Show'} the checks of ${group.name} that are ok`}
            onPress={() => setOpen(!open)}
          >
            {open ? 'Hide those that are ok' : `Show the ${group.counts.ok} that ${group.counts.ok === 1 ? 'is' : 'are'} ok`}
          </Button>
        </p>
      )}
    </Panel>
  )
}
