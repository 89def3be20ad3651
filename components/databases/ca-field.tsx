'use client'

import { useId, useState } from 'react'
import { inputClass } from '#components/ui/field-parts.tsx'
import { Select } from '#components/ui/select.tsx'
import { ApiError } from '#lib/client/api.ts'
import { addCaCertificate } from '#lib/client/mutations.ts'
import type { CaCertificateView } from '#lib/domain/views.ts'

const system = 'system'

/** Which authority vouches for the server: the system's, one that is known, or a file of one's own. */
export function CaField({ known, value, onChange }: { known: CaCertificateView[]; value: string | null; onChange: (id: string | null) => void }) {
  const [added, setAdded] = useState<{ id: string; name: string }[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const fileId = useId()

  async function read(file: File | undefined) {
    if (file === undefined || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const pem = await file.text()
      if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${file.name} holds no certificate in PEM form.`)
      const { id } = await addCaCertificate({ name: file.name.slice(0, 100), pem })
      setAdded((before) => [...before.filter((one) => one.id !== id), { id, name: file.name }])
      onChange(id)
    } catch (error) {
      setProblem(
        error instanceof ApiError ? `${error.problem.title} ${error.problem.remedy}` : error instanceof Error ? error.message : String(error),
      )
    } finally {
      setBusy(false)
    }
  }

  const choices = [...known.filter((one) => added.every((own) => own.id !== one.id)), ...added]
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Select
        label="Certificate authority"
        value={value ?? system}
        onChange={(id) => onChange(id === system ? null : id)}
        options={[{ value: system, label: 'The system’s authorities' }, ...choices.map((one) => ({ value: one.id, label: one.name }))]}
        help="Who vouches that the server is the one you mean."
      />
      <div className="flex flex-col gap-1">
        <label htmlFor={fileId} className="text-sm font-[550] text-ink">
          CA file of your own <span className="font-normal text-ink-3">(optional)</span>
        </label>
        <input
          id={fileId}
          type="file"
          accept=".pem,.crt,.cer,application/x-pem-file"
          aria-describedby={`${fileId}-help`}
          onChange={(event) => void read(event.target.files?.[0])}
          className={`${inputClass} file:mr-3 file:cursor-pointer file:rounded-md file:border-0 file:bg-hover file:px-2 file:font-[550] file:text-ink`}
        />
        <span id={`${fileId}-help`} role="status" className={problem ? 'text-sm font-[550] text-bad' : 'text-sm text-ink-2'}>
          {problem ?? (busy ? 'Reading the file…' : 'For providers with an authority of their own, such as Supabase or RDS.')}
        </span>
      </div>
    </div>
  )
}
