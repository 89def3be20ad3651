'use client'

import { Checkbox } from '#components/ui/checkbox.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import type { StorageFields, StorageProblems } from './storage-fields.ts'

interface Props {
  fields: StorageFields
  problems: StorageProblems
  onChange: (change: Partial<StorageFields>) => void
}

export function S3Fields({ fields, problems, onChange }: Props) {
  const field = (key: 'bucket' | 'endpoint' | 'region' | 'prefix' | 'accessKeyId' | 'secretAccessKey') => ({
    value: fields[key],
    onChange: (value: string) => onChange({ [key]: value }),
    error: problems[key] ?? null,
  })
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField label="Bucket" {...field('bucket')} mono required />
      <TextField label="Region" {...field('region')} mono required />
      <TextField label="Endpoint" {...field('endpoint')} mono optional placeholder="https://s3.example.com" help="Leave empty for AWS." />
      <TextField label="Prefix" {...field('prefix')} mono optional help="A folder in the bucket, where others use it too." />
      <TextField label="Access key" {...field('accessKeyId')} mono required autoComplete="off" />
      <TextField
        label="Secret key"
        type="password"
        {...field('secretAccessKey')}
        required
        autoComplete="new-password"
        help="Stored sealed: only workers can open it."
      />
      <div className="flex flex-col gap-2 sm:col-span-2">
        <Checkbox checked={fields.pathStyle} onChange={(pathStyle) => onChange({ pathStyle })}>
          Address the bucket in the path <span className="text-ink-2">(most stores that are not AWS: MinIO, Ceph)</span>
        </Checkbox>
        <Checkbox checked={fields.checksumWhenRequired} onChange={(checksumWhenRequired) => onChange({ checksumWhenRequired })}>
          Leave out checksum headers <span className="text-ink-2">(for stores that refuse them; our own digest is checked all the same)</span>
        </Checkbox>
      </div>
    </div>
  )
}
