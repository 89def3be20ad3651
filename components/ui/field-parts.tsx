'use client'

import type { ReactNode } from 'react'
import { FieldError, Label, Text } from 'react-aria-components'

export const inputClass =
  'w-full min-h-8 rounded-[7px] border border-field bg-panel px-2.5 py-1.5 text-base text-ink placeholder:text-ink-3 outline-none transition-colors data-[focused]:border-accent data-[focused]:ring-2 data-[focused]:ring-ring/30 data-[invalid]:border-bad data-[disabled]:opacity-60'

export function FieldLabel({ children, optional }: { children: ReactNode; optional?: boolean | undefined }) {
  return (
    <Label className="min-w-0 text-sm font-[550] text-ink [overflow-wrap:anywhere]">
      {children}
      {optional && <span className="font-normal text-ink-3"> (optional)</span>}
    </Label>
  )
}

export function FieldHelp({ children }: { children: ReactNode }) {
  return (
    <Text slot="description" className="text-sm text-ink-2">
      {children}
    </Text>
  )
}

/** `error` is what the server or a check said; undefined shows what the browser found. */
export function FieldProblem({ error }: { error?: string | null | undefined }) {
  return <FieldError className="text-sm font-[550] text-bad">{error ? error : undefined}</FieldError>
}
