'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CheckReport } from '#components/follow/check-report.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { checkDatabase, removeDatabase } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { DatabaseView, StorageView } from '#lib/domain/views.ts'
import { BackupDialog } from './backup-dialog.tsx'

interface Props {
  database: DatabaseView
  storages: StorageView[]
  role: Role
  /** opens the backup dialog at once: the link of another page led here for it */
  backupOpen: boolean
}

/** The acts on one database. */
export function DatabaseActions({ database, storages, role, backupOpen }: Props) {
  const router = useRouter()
  const [backup, setBackup] = useState(backupOpen)
  const [removing, setRemoving] = useState(false)
  const [running, setRunning] = useState<string | null>(null)
  const check = useStart(
    (_key) => checkDatabase(database.id),
    ({ operationId }) => setRunning(operationId),
  )
  const reasonFor = (permission: Parameters<typeof allows>[1]) => (allows(role, permission) ? null : reasonDenied(permission))
  const restoreReason = database.newestRestorableAt === null ? 'It has no backup that can be restored yet.' : reasonFor('restore.plan')

  return (
    <div className="mb-5 flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" reason={reasonFor('backup.run')} onPress={() => setBackup(true)}>
          Back up now
        </Button>
        {restoreReason === null ? (
          <LinkButton href={`/restore?database=${database.id}`}>Restore</LinkButton>
        ) : (
          <Button reason={restoreReason}>Restore</Button>
        )}
        <LinkButton href={`/runbooks/database?database=${database.id}`}>Runbook</LinkButton>
        <Button reason={reasonFor('check.run')} pending={check.pending} onPress={() => void check.start()}>
          Check the connection
        </Button>
        <Button variant="plain" reason={reasonFor('database.write')} onPress={() => setRemoving(true)}>
          Remove from Lifeboat
        </Button>
      </div>
      <Refusal problem={check.problem} />
      {running !== null && <CheckReport key={running} id={running} subject={database.name} onEnd={() => router.refresh()} />}
      <BackupDialog database={database} storages={storages} isOpen={backup} onOpenChange={setBackup} />
      <AlertDialog
        isOpen={removing}
        onOpenChange={setRemoving}
        title={`Remove ${database.name} from Lifeboat?`}
        confirm="Remove the database"
        cancel="Keep it"
        onConfirm={async () => {
          await removeDatabase(database.id)
          say(`${database.name} is no longer protected`, { detail: 'Its backups stay on their storages.' })
          router.push('/databases')
          router.refresh()
        }}
      >
        <p className="m-0">
          Lifeboat will no longer back it up or watch it. The database itself is not touched, and its {formatCount(database.backupCount, 'backup')}{' '}
          {database.backupCount === 1 ? 'stays' : 'stay'} on the storages.
        </p>
      </AlertDialog>
    </div>
  )
}
