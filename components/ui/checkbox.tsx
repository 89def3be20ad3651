'use client'

import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox } from 'react-aria-components'
import { classes } from './classes.ts'

/** `label`: the name where there is no text beside the box (rows of tables). `some`: some of many are chosen. */
export function Checkbox(props: {
  checked: boolean
  onChange: (checked: boolean) => void
  children?: ReactNode
  label?: string
  some?: boolean
  /** shows that it cannot be changed; say why beside it */
  disabled?: boolean
  name?: string
  className?: string
}) {
  const { checked, onChange, children, label, some, disabled, name, className } = props
  return (
    <AriaCheckbox
      isSelected={checked}
      onChange={onChange}
      isIndeterminate={some ?? false}
      isDisabled={disabled ?? false}
      {...(label ? { 'aria-label': label } : {})}
      {...(name ? { name } : {})}
      className={classes('group inline-flex min-h-6 min-w-6 items-start gap-2 data-[disabled]:opacity-55', className)}
    >
      {({ isSelected, isIndeterminate }) => (
        <>
          <span
            className={classes(
              'mt-0.5 grid size-4.5 shrink-0 place-items-center rounded-[5px] border group-data-[focus-visible]:outline-2 group-data-[focus-visible]:outline-offset-2 group-data-[focus-visible]:outline-ring',
              isSelected || isIndeterminate ? 'border-accent bg-accent text-accent-ink' : 'border-field bg-panel',
            )}
          >
            {isIndeterminate ? <Minus aria-hidden className="size-3.5" /> : isSelected ? <Check aria-hidden className="size-3.5" /> : null}
          </span>
          {children && <span>{children}</span>}
        </>
      )}
    </AriaCheckbox>
  )
}
