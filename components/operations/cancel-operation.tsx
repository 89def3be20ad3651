'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { cancelOperation } from '#lib/client/mutations.ts'
import type { OperationKind } from '#lib/domain/kinds.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { kindWords } from './kind-words.ts'

/** What a cancel leaves behind, said before it is asked for. */
const leftBehind = {
  check: 'Nothing was changed, and nothing is left behind.',
  backup: 'This backup will not exist: what was stored of it is removed. Earlier backups stay as they are.',
  verify: 'The copies stay as they are. What was read so far says nothing about the rest.',
  restore: 'The half-restored database that this restore created is dropped. The backup and every other database stay as they are.',
  reconcile: 'What was compared so far stays known. Nothing on the storage is lost.',
} satisfies Record<OperationKind, string>

export function CancelOperation({ operation, role }: { operation: OperationDetail; role: Role }) {
  const [asking, setAsking] = useState(false)
  const queryClient = useQueryClient()
  const noun = kindWords[operation.kind].toLowerCase()
  const reason = allows(role, 'operation.cancel')
    ? operation.state === 'cancelling'
      ? 'It is being cancelled already: the worker stops it and cleans up.'
      : null
    : reasonDenied('operation.cancel')
  return (
    <>
      <Button onPress={() => setAsking(true)} reason={reason}>
        Cancel this {noun}
      </Button>
      <AlertDialog
        isOpen={asking}
        onOpenChange={setAsking}
        title={`Cancel the ${noun}: ${operation.title}?`}
        confirm={`Cancel the ${noun}`}
        cancel="Keep it running"
        onConfirm={async () => {
          await cancelOperation(operation.id)
          say('The worker was asked to stop it')
          await queryClient.invalidateQueries({ queryKey: ['operations', operation.id] })
        }}
      >
        <p className="m-0">{leftBehind[operation.kind]}</p>
      </AlertDialog>
    </>
  )
}
