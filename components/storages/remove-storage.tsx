'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { removeStorage } from '#lib/client/mutations.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'

interface Props {
  storage: StorageView
  isOpen: boolean
  onOpenChange: (open: boolean) => void
}

/** Lifeboat forgets the storage; what lies on it is not touched. */
export function RemoveStorage({ storage, isOpen, onOpenChange }: Props) {
  const router = useRouter()
  const queryClient = useQueryClient()
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={`Remove ${storage.name} from Lifeboat?`}
      confirm="Remove the storage"
      cancel="Keep it"
      onConfirm={async () => {
        await removeStorage(storage.id)
        say(`${storage.name} is no longer used`, { detail: 'The backups on it were not touched.' })
        await queryClient.invalidateQueries({ queryKey: ['storages'], exact: true })
        router.push('/storages')
        router.refresh()
      }}
    >
      <p className="m-0">
        Lifeboat will store nothing more there and forget its credentials. The backups stay on the storage:{' '}
        {storage.copies === 0 ? 'none is known there now' : `${formatCount(storage.copies, 'readable copy', 'readable copies')} at ${storage.place}`}.
        RECOVERY.md beside them says how to restore from them without Lifeboat.
      </p>
    </AlertDialog>
  )
}
