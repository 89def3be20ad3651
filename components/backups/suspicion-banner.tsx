'use client'

import { useState } from 'react'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { BackupView } from '#lib/domain/views.ts'
import { LookDialog } from './look-dialog.tsx'

/** A backup that looks different from those before it: why, and what a person said of it. */
export function SuspicionBanner({ backup, role }: { backup: BackupView; role: Role }) {
  const [looking, setLooking] = useState(false)
  const refresh = useRefresh()
  const { suspicious, look } = backup
  if (suspicious === null) return null
  return (
    <>
      <Problem
        tone={look === null ? 'warn' : look.verdict === 'fine' ? 'ok' : 'bad'}
        title={
          look === null
            ? 'This backup looks different from the ones before it'
            : look.verdict === 'fine'
              ? 'Looked at, and found fine'
              : 'Looked at, and found bad'
        }
        action={
          <>
            <Button reason={allows(role, 'backup.look') ? null : reasonDenied('backup.look')} onPress={() => setLooking(true)}>
              {look === null ? 'Look at it' : 'Look again'}
            </Button>
            <LinkButton href={`/backups/${backup.id}?tab=compare`}>Compare with the one before</LinkButton>
          </>
        }
      >
        {suspicious}{' '}
        {look === null ? (
          'It is kept, and does not count as a good one for retention until somebody has looked.'
        ) : (
          <>
            {look.name} looked <Time at={look.at} />
            {look.note === null ? '.' : `: “${look.note}”`}{' '}
            {look.verdict === 'fine' ? 'It counts as any other.' : 'It never counts as a good one, and later ones are not measured against it.'}
          </>
        )}
      </Problem>
      {looking && <LookDialog backup={backup} onClose={() => setLooking(false)} onLooked={refresh} />}
    </>
  )
}
