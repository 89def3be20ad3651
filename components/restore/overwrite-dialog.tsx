'use client'

import { type ReactNode, useRef, useState } from 'react'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { ApiError } from '#lib/client/api.ts'

interface Props {
  isOpen: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** the name to type */
  target: string
  /** repeats the verb of the title */
  confirm: string
  /** what is overwritten, and what is safe */
  children: ReactNode
  /** throws ApiError; the dialog then stays and shows it */
  start: (confirmation: string, idempotencyKey: string) => Promise<void>
}

/** The dangerous question: the target's name is typed, and focus starts on Cancel. */
export function OverwriteDialog({ isOpen, onOpenChange, title, target, confirm, children, start }: Props) {
  const [typed, setTyped] = useState('')
  const key = useRef<string | null>(null)
  return (
    <AlertDialog
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) setTyped('')
        onOpenChange(open)
      }}
      title={title}
      confirm={confirm}
      cancel="Cancel"
      reason={typed === target ? null : `Type ${target} first.`}
      onConfirm={async () => {
        // a press after a lost answer is the same act
        key.current ??= crypto.randomUUID()
        try {
          await start(typed, key.current)
          key.current = null
        } catch (error) {
          if (!(error instanceof ApiError) || error.problem.status !== 0) key.current = null
          throw error
        }
      }}
    >
      {children}
      <div className="mt-3">
        <TextField label={`Type ${target} to confirm`} value={typed} onChange={setTyped} mono autoComplete="off" />
      </div>
    </AlertDialog>
  )
}
