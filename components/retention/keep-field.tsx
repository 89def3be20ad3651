'use client'

import { X } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { inputClass } from '#components/ui/field-parts.tsx'
import { type Keep, keepUnits, keepWords } from '#lib/domain/keep.ts'

/**
 * How long, as a number and a unit. `label` names the cell for the ear. `own` null: nothing is said here, `inherited` holds, and a press
 * begins a rule of its own. `onClear` undefined: it must say something.
 */
export function KeepField(props: {
  label: string
  own: Keep | null
  inherited: Keep | null
  changed: boolean
  onChange: (keep: Keep) => void
  onClear?: () => void
}) {
  const { label, own, inherited, changed, onChange, onClear } = props
  if (own === null) {
    return (
      <Button
        size="small"
        variant="plain"
        label={`${inherited === null ? 'no rule' : `as around it, ${keepWords(inherited)}`}: set ${label}`}
        onPress={() => onChange(inherited ?? { unit: 'days', count: 30 })}
      >
        {inherited === null ? 'no rule' : `as around it, ${keepWords(inherited)}`}
      </Button>
    )
  }
  return (
    <span className="flex items-center gap-1">
      <input
        type="number"
        min={1}
        max={1000}
        inputMode="numeric"
        aria-label={`${label}, how many`}
        // empty while it is being typed: 0 is refused by what reads it
        value={own.count === 0 ? '' : own.count}
        onChange={(event) => onChange({ ...own, count: Math.max(0, Math.trunc(Number(event.target.value) || 0)) })}
        className={`${inputClass} w-17! ${changed ? 'border-accent' : ''}`}
      />
      <select
        aria-label={`${label}, of what`}
        value={own.unit}
        onChange={(event) => onChange({ ...own, unit: keepUnits.find((unit) => unit === event.target.value) ?? own.unit })}
        className={`${inputClass} w-26! ${changed ? 'border-accent' : ''}`}
      >
        {keepUnits.map((unit) => (
          <option key={unit} value={unit}>
            {unit}
          </option>
        ))}
      </select>
      {onClear && (
        <Button size="small" variant="plain" label={`No rule of its own: ${label}`} icon={<X aria-hidden />} onPress={onClear}>
          {null}
        </Button>
      )}
    </span>
  )
}
