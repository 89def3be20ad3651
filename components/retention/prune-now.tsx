'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Select } from '#components/ui/select.tsx'
import { startPrune } from '#lib/client/keeping.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { Named } from './place-names.ts'

/** Does by hand, on one storage, what happens daily: tried first by a dry run. */
export function PruneNow({ storages, paused, role }: { storages: readonly Named[]; paused: boolean; role: Role }) {
  const router = useRouter()
  const [storageId, setStorageId] = useState(storages[0]?.id ?? '')
  const [asking, setAsking] = useState(false)
  const storage = storages.find((one) => one.id === storageId)
  const dryRun = useStart(
    (key) => startPrune({ storageId, dryRun: true }, key),
    ({ operationId }) => router.push(`/operations/${operationId}`),
  )
  if (storage === undefined) return null
  const denied = allows(role, 'prune.run') ? null : reasonDenied('prune.run')
  return (
    <div className="mt-4 flex flex-col gap-2 border-t border-line pt-3">
      <div className="flex flex-wrap items-center gap-2">
        {storages.length > 1 && (
          <Select inline label="On" value={storageId} onChange={setStorageId} options={storages.map((one) => ({ value: one.id, label: one.name }))} />
        )}
        <Button size="small" reason={denied} pending={dryRun.pending} onPress={() => void dryRun.start()}>
          Dry run
        </Button>
        <Button
          size="small"
          variant="plain"
          reason={denied ?? (paused ? 'Deleting by rule is paused: resume it first.' : null)}
          onPress={() => setAsking(true)}
        >
          Prune now
        </Button>
      </div>
      <Refusal problem={dryRun.problem} />
      <AlertDialog
        isOpen={asking}
        onOpenChange={setAsking}
        title={`Prune ${storage.name} now?`}
        confirm="Prune now"
        cancel="Delete nothing now"
        onConfirm={async () => {
          const { operationId } = await startPrune({ storageId, dryRun: false }, crypto.randomUUID())
          router.push(`/operations/${operationId}`)
        }}
      >
        <p className="m-0">
          The copies on {storage.name} that the rules let go are deleted for good, the oldest first. A dry run says beforehand which these are.
        </p>
      </AlertDialog>
    </div>
  )
}
