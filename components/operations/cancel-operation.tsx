'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { cancelOperation } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { kindWords } from './kind-words.ts'
import { leftBehind } from './left-behind.ts'

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
        cancel={operation.startedAt === null ? 'Keep it in the queue' : 'Keep it running'}
        onConfirm={async () => {
          const { state } = await cancelOperation(operation.id)
          say(state === 'cancelled' ? 'It was cancelled before it began' : 'The worker was asked to stop it')
          await queryClient.invalidateQueries({ queryKey: ['operations', operation.id] })
        }}
      >
        <p className="m-0">{leftBehind(operation)}</p>
      </AlertDialog>
    </>
  )
}
