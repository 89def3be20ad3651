'use client'

import { Check, ChevronsUpDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, ComboBox as AriaComboBox, Input, ListBox, ListBoxItem, Popover } from 'react-aria-components'
import { classes } from './classes.ts'
import { FieldHelp, FieldLabel, FieldProblem, inputClass } from './field-parts.tsx'

/** One of many, found by typing a part of it. What is typed and matches nothing goes back to the chosen one. */
export function ComboBox(props: {
  label: string
  options: readonly { value: string; label: string }[]
  value: string
  onChange: (value: string) => void
  help?: ReactNode
  error?: string | null
  className?: string
}) {
  const { label, options, value, onChange, help, error, className } = props
  return (
    <AriaComboBox
      defaultItems={options}
      selectedKey={value}
      onSelectionChange={(key) => {
        const chosen = options.find((option) => option.value === key)
        if (chosen) onChange(chosen.value)
      }}
      menuTrigger="focus"
      {...(error ? { isInvalid: true } : {})}
      className={classes('flex flex-col gap-1', className)}
    >
      <FieldLabel>{label}</FieldLabel>
      <span className="relative block">
        <Input className={classes(inputClass, 'pr-9')} />
        <Button
          aria-label={`Show all: ${label}`}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center border-0 bg-transparent text-ink-3"
        >
          <ChevronsUpDown aria-hidden className="size-3.5" />
        </Button>
      </span>
      {help && <FieldHelp>{help}</FieldHelp>}
      <FieldProblem error={error} />
      <Popover className="w-(--trigger-width) rounded-lg border border-line-2 bg-panel p-1 shadow-float">
        <ListBox
          className="max-h-72 overflow-auto outline-none"
          renderEmptyState={() => <p className="m-0 px-2 py-3 text-ink-2">Nothing matches.</p>}
        >
          {(option: { value: string; label: string }) => (
            <ListBoxItem
              id={option.value}
              textValue={option.label}
              className="flex min-h-8 cursor-default items-center gap-2 rounded-md px-2 py-1 outline-none data-[focused]:bg-accent-soft"
            >
              {({ isSelected }) => (
                <>
                  <Check aria-hidden className={classes('size-4 shrink-0 text-accent', !isSelected && 'invisible')} />
                  <span className="min-w-0 [overflow-wrap:anywhere]">{option.label}</span>
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaComboBox>
  )
}
