'use client'

import { TextField } from '#components/ui/text-field.tsx'

/** As lib/domain/inputs.ts has it. */
export const shortestPassword = 12

/** A password that is chosen now; says how much is missing while it is typed. */
export function NewPasswordField(props: { label: string; value: string; onChange: (value: string) => void; error?: string | null }) {
  const { label, value, onChange, error } = props
  const missing = shortestPassword - value.length
  return (
    <TextField
      label={label}
      name="password"
      type="password"
      autoComplete="new-password"
      required
      value={value}
      onChange={onChange}
      help={`At least ${shortestPassword} characters. A few words that only you would put together are good.`}
      error={value.length > 0 && missing > 0 ? `${missing} more ${missing === 1 ? 'character' : 'characters'}` : (error ?? null)}
    />
  )
}
