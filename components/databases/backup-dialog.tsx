'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { startBackup } from '#lib/client/mutations.ts'
import { backupCommand } from '#lib/domain/shell-commands.ts'
import type { DatabaseView, StorageView } from '#lib/domain/views.ts'
import { BackupDryRun } from './backup-dry-run.tsx'

interface Props {
  database: DatabaseView
  storages: StorageView[]
  isOpen: boolean
  onOpenChange: (open: boolean) => void
}

/** Back up now: to which storages, tried first by a dry run where wanted. */
export function BackupDialog({ database, storages, isOpen, onOpenChange }: Props) {
  const router = useRouter()
  const [chosen, setChosen] = useState<string[]>(storages.filter((one) => one.reachable !== false).map((one) => one.id))
  const [plan, setPlan] = useState<{ operationId: string; storages: string } | null>(null)
  const wanted = storages.filter((one) => chosen.includes(one.id))
  const names = wanted.map((one) => one.name)
  const shownPlan = plan !== null && plan.storages === names.join(' ') ? plan : null

  const dryRun = useStart(
    (key) => startBackup({ databaseId: database.id, tier: 'manual', storageIds: chosen, dryRun: true }, key),
    ({ operationId }) => setPlan({ operationId, storages: names.join(' ') }),
  )
  const backup = useStart(
    (key) => startBackup({ databaseId: database.id, tier: 'manual', storageIds: chosen }, key),
    ({ operationId }) => router.push(`/operations/${operationId}`),
  )
  const reason = storages.length === 0 ? 'Add a storage first.' : chosen.length === 0 ? 'Choose at least one storage.' : null

  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={`Back up ${database.name}`} width="max-w-[620px]">
      <fieldset className="m-0 flex flex-col gap-2 border-0 p-0">
        <legend className="mb-1 p-0 text-sm font-[550]">A copy to each of</legend>
        {storages.length === 0 && <p className="m-0 text-ink-2">No storage is registered: an admin adds one under Storages.</p>}
        {storages.map((one) => (
          <Checkbox
            key={one.id}
            checked={chosen.includes(one.id)}
            onChange={(checked) => setChosen((before) => (checked ? [...before, one.id] : before.filter((id) => id !== one.id)))}
          >
            <span className="font-[550]">{one.name}</span> <span className="font-mono text-xs text-ink-2 [overflow-wrap:anywhere]">{one.place}</span>
            {one.reachable === false && <span className="block text-sm text-bad">{one.problem ?? 'It could not be reached at the last check.'}</span>}
          </Checkbox>
        ))}
      </fieldset>
      <p className="m-0 text-ink-2">The database stays in use while it is read. Each copy is read back and verified afterwards.</p>
      {shownPlan !== null && <BackupDryRun key={shownPlan.operationId} id={shownPlan.operationId} />}
      <Refusal problem={dryRun.problem ?? backup.problem} />
      <div>
        <p className="m-0 mb-1 text-sm text-ink-2">The same from a shell:</p>
        <CopyLine text={backupCommand(database.name, names, false)} what="the command" />
      </div>
      <DialogActions>
        <Button onPress={() => onOpenChange(false)}>Close</Button>
        <Button reason={reason} pending={dryRun.pending} onPress={() => void dryRun.start()}>
          Dry run
        </Button>
        <Button variant="primary" reason={reason} pending={backup.pending} onPress={() => void backup.start()}>
          Back up now
        </Button>
      </DialogActions>
    </Dialog>
  )
}
