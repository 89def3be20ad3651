'use client'

import type { ReactNode } from 'react'
import { Label, Radio, RadioGroup } from 'react-aria-components'
import { classes } from './classes.ts'

/** One choice of a few, each with a sentence. A choice with a `reason` cannot be made, and says why. */
export function RadioCards<Value extends string>(props: {
  label: string
  /** hides the label from the eye, not from the ear */
  hideLabel?: boolean
  value: Value | null
  onChange: (value: Value) => void
  options: readonly { value: Value; title: ReactNode; detail?: ReactNode; reason?: string | null }[]
  columns?: 1 | 2
}) {
  const { label, hideLabel, value, onChange, options, columns = 1 } = props
  return (
    <RadioGroup
      value={value}
      onChange={(chosen) => {
        const option = options.find((one) => one.value === chosen)
        if (option) onChange(option.value)
      }}
      className="flex flex-col gap-2"
    >
      <Label className={hideLabel ? 'sr-only' : 'font-semibold'}>{label}</Label>
      <div className={classes('grid gap-2', columns === 2 && 'sm:grid-cols-2')}>
        {options.map((option) => (
          <Radio
            key={option.value}
            value={option.value}
            isDisabled={Boolean(option.reason)}
            className="group flex cursor-pointer items-start gap-3 rounded-[10px] border border-line-2 bg-panel p-4 data-[disabled]:cursor-not-allowed data-[selected]:border-accent data-[selected]:bg-accent-soft data-[focus-visible]:outline-2 data-[focus-visible]:outline-offset-2 data-[focus-visible]:outline-ring"
          >
            <span className="mt-0.5 grid size-4.5 shrink-0 place-items-center rounded-full border border-field bg-panel group-data-[selected]:border-accent">
              <span className="size-2.5 rounded-full group-data-[selected]:bg-accent" />
            </span>
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <span className="block font-semibold group-data-[disabled]:text-ink-3">{option.title}</span>
              {option.detail && <span className="block text-ink-2">{option.detail}</span>}
              {option.reason && <span className="block text-warn">{option.reason}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}
