'use client'

import { useTheme } from 'next-themes'
import { Toaster as SonnerToaster, toast } from 'sonner'

/** Mounted once, in the shell. The live region exists before it speaks. */
export function Toaster() {
  const { resolvedTheme } = useTheme()
  return (
    <SonnerToaster
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      position="bottom-right"
      closeButton
      duration={8000}
      toastOptions={{ style: { background: 'var(--panel)', color: 'var(--ink)', borderColor: 'var(--line-2)', fontFamily: 'inherit' } }}
    />
  )
}

/** Says that something began or was done. `action` leads to where it can be watched. */
export function say(message: string, options: { detail?: string; action?: { label: string; onPress: () => void } } = {}): void {
  toast(message, {
    ...(options.detail ? { description: options.detail } : {}),
    ...(options.action ? { action: { label: options.action.label, onClick: options.action.onPress } } : {}),
  })
}

/** Says that something did not happen, and what to do; stays until closed. */
export function sayProblem(message: string, hint?: string): void {
  toast.error(message, { ...(hint ? { description: hint } : {}), duration: Number.POSITIVE_INFINITY })
}
