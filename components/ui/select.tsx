'use client'

import { Check, ChevronsUpDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components'
import { classes } from './classes.ts'
import { FieldHelp, FieldProblem, inputClass } from './field-parts.tsx'

export interface SelectOption<Value extends string> {
  value: Value
  label: string
  /** a second line */
  detail?: string
}

/** One of a few. `inline` puts the label in front of the value: for filter bars. */
export function Select<Value extends string>(props: {
  label: string
  options: readonly SelectOption<Value>[]
  value: Value | null
  onChange: (value: Value) => void
  name?: string
  help?: ReactNode
  error?: string | null
  placeholder?: string
  inline?: boolean
  className?: string
}) {
  const { label, options, value, onChange, name, help, error, placeholder, inline, className } = props
  return (
    <AriaSelect
      selectedKey={value}
      onSelectionChange={(key) => {
        const chosen = options.find((option) => option.value === key)
        if (chosen) onChange(chosen.value)
      }}
      {...(name === undefined ? {} : { name })}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(error ? { isInvalid: true } : {})}
      className={classes(inline ? 'inline-flex max-w-full min-w-0 items-center gap-1.5' : 'flex flex-col gap-1', className)}
    >
      <Label className={inline ? 'text-sm whitespace-nowrap text-ink-2' : 'text-sm font-[550] text-ink'}>{label}</Label>
      <Button className={classes(inputClass, 'flex items-center justify-between gap-2 text-left', inline && 'w-auto min-w-0')}>
        <span className="flex min-w-0 items-center gap-1.5">
          <SelectValue className="truncate data-[placeholder]:text-ink-3">
            {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
          </SelectValue>
        </span>
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-ink-3" />
      </Button>
      {help && <FieldHelp>{help}</FieldHelp>}
      <FieldProblem error={error} />
      <Popover className="min-w-(--trigger-width) rounded-lg border border-line-2 bg-panel p-1 shadow-float">
        <ListBox className="max-h-80 overflow-auto outline-none">
          {options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value}
              textValue={option.label}
              className="flex min-h-8 cursor-default items-start gap-2 rounded-md px-2 py-1.5 outline-none data-[focused]:bg-accent-soft"
            >
              {({ isSelected }) => (
                <>
                  <Check aria-hidden className={classes('mt-0.5 size-4 shrink-0 text-accent', !isSelected && 'invisible')} />
                  <span>
                    {option.label}
                    {option.detail && <span className="block text-sm text-ink-2">{option.detail}</span>}
                  </span>
                </>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
