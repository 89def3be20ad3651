'use client'

import type { ReactNode } from 'react'
import { Input, TextArea, TextField as AriaTextField } from 'react-aria-components'
import { classes } from './classes.ts'
import { FieldHelp, FieldLabel, FieldProblem, inputClass } from './field-parts.tsx'

/** One line of text, or several with `rows`. Controlled with `value` and `onChange`, or named for a form with `name` and `defaultValue`. */
export function TextField(props: {
  label: string
  name?: string
  value?: string
  defaultValue?: string
  onChange?: (value: string) => void
  type?: 'text' | 'password' | 'email' | 'url' | 'search' | 'number'
  /** one sentence below the field */
  help?: ReactNode
  /** what is wrong with the value; null or undefined: nothing */
  error?: string | null
  placeholder?: string
  required?: boolean
  /** shows `(optional)` behind the label */
  optional?: boolean
  /** for names, paths, URLs, keys */
  mono?: boolean
  rows?: number
  autoComplete?: string
  autoFocus?: boolean
  readOnly?: boolean
  spellCheck?: boolean
  inputMode?: 'numeric' | 'text'
  maxLength?: number
  className?: string
}) {
  const {
    label,
    name,
    value,
    defaultValue,
    onChange,
    type = 'text',
    help,
    error,
    placeholder,
    required,
    optional,
    mono,
    rows,
    autoComplete,
    autoFocus,
    readOnly,
  } = props
  const control = classes(inputClass, mono && 'font-mono text-sm')
  return (
    <AriaTextField
      {...(name === undefined ? {} : { name })}
      {...(value === undefined ? {} : { value })}
      {...(defaultValue === undefined ? {} : { defaultValue })}
      {...(onChange === undefined ? {} : { onChange })}
      {...(autoComplete === undefined ? {} : { autoComplete })}
      {...(props.inputMode === undefined ? {} : { inputMode: props.inputMode })}
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
      type={type}
      spellCheck={props.spellCheck ? 'true' : 'false'}
      isRequired={required ?? false}
      isReadOnly={readOnly ?? false}
      // given as false it would hide what the browser finds, such as an empty field that is required
      {...(error ? { isInvalid: true } : {})}
      autoFocus={autoFocus ?? false}
      className={classes('flex flex-col gap-1', props.className)}
    >
      <FieldLabel optional={optional}>{label}</FieldLabel>
      {rows ? (
        <TextArea rows={rows} placeholder={placeholder} className={control} />
      ) : (
        <Input {...(placeholder ? { placeholder } : {})} className={control} />
      )}
      {help && <FieldHelp>{help}</FieldHelp>}
      <FieldProblem error={error} />
    </AriaTextField>
  )
}
