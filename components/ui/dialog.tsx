'use client'

import { type ReactNode, useState } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { Button, type ButtonVariant } from './button.tsx'
import { classes } from './classes.ts'
import { Problem } from './problem.tsx'

interface Frame {
  isOpen: boolean
  onOpenChange: (open: boolean) => void
  /** names the act and the object: `Cancel the backup of billing?` */
  title: string
  children: ReactNode
  /** default: 520 px */
  width?: string
}

/** A dialog for a form or for more to read. Escape and a click outside close it. Actions belong into `DialogActions` at its end. */
export function Dialog({ isOpen, onOpenChange, title, children, width }: Frame) {
  return (
    <DialogFrame isOpen={isOpen} onOpenChange={onOpenChange} dismissable {...(width ? { width } : {})}>
      <AriaDialog className="flex max-h-[calc(100dvh-48px)] flex-col gap-3 overflow-auto p-5 outline-none">
        <Heading slot="title" className="m-0 text-lg font-semibold">
          {title}
        </Heading>
        {children}
      </AriaDialog>
    </DialogFrame>
  )
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-2 flex flex-wrap justify-end gap-2">{children}</div>
}

/**
 * Asks before something that cannot be taken back. role=alertdialog, focus starts on Cancel, a click outside does nothing.
 * `onConfirm` may return a promise: both buttons wait for it, then the dialog closes. If it throws, the dialog stays with the error.
 */
export function AlertDialog(
  props: Frame & {
    /** repeats the verb of the title: `Cancel the backup` */
    confirm: string
    /** default: `Keep it as it is`; say what not acting means, for instance `Keep running` */
    cancel?: string
    onConfirm: () => void | Promise<void>
    variant?: ButtonVariant
    /** why the confirm button cannot be pressed now, for instance because a name was not typed */
    reason?: string | null
  },
) {
  const { isOpen, onOpenChange, title, children, width, confirm, cancel = 'Keep it as it is', onConfirm, variant = 'danger', reason } = props
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)

  async function act() {
    if (pending) return
    setPending(true)
    setProblem(null)
    try {
      await onConfirm()
      onOpenChange(false)
    } catch (error) {
      setProblem(error)
    } finally {
      setPending(false)
    }
  }

  return (
    <DialogFrame isOpen={isOpen} onOpenChange={onOpenChange} {...(width ? { width } : {})}>
      <AriaDialog role="alertdialog" className="flex max-h-[calc(100dvh-48px)] flex-col gap-3 overflow-auto p-5 outline-none">
        <Heading slot="title" className="m-0 text-lg font-semibold">
          {title}
        </Heading>
        <div className="text-ink-2">{children}</div>
        <div aria-live="assertive" className="empty:absolute">
          {problem !== null && <Failure error={problem} />}
        </div>
        <DialogActions>
          <Button autoFocus onPress={() => onOpenChange(false)}>
            {cancel}
          </Button>
          <Button variant={variant} pending={pending} onPress={() => void act()} reason={reason ?? null}>
            {confirm}
          </Button>
        </DialogActions>
      </AriaDialog>
    </DialogFrame>
  )
}

/** An error that says more than its message: what to do, and an id to copy. */
interface Explained {
  problem: { remedy: string; requestId: string | null }
}

function Failure({ error }: { error: unknown }) {
  const title = error instanceof Error ? error.message : String(error)
  if (!(error instanceof Error && 'problem' in error)) return <Problem title={title} />
  const { remedy, requestId } = (error as Error & Explained).problem
  return (
    <Problem title={title} id={requestId}>
      {remedy}
    </Problem>
  )
}

function DialogFrame({ isOpen, onOpenChange, children, dismissable, width }: Omit<Frame, 'title'> & { dismissable?: boolean }) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      isDismissable={dismissable ?? false}
      className="fixed inset-0 z-40 flex items-start justify-center bg-[rgb(10_18_24/45%)] p-4 pt-[max(16px,10vh)]"
    >
      <Modal className={classes('w-full rounded-xl border border-line bg-panel text-ink shadow-float', width ?? 'max-w-[520px]')}>{children}</Modal>
    </ModalOverlay>
  )
}
