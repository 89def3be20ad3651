import type { NewStorage } from '#lib/client/mutations.ts'
import { emptyKeeping, type KeepingFields, keepingProblems } from './keeping-fields.ts'

/** The form as typed: everything text, so that nothing a person types is lost. */
export interface StorageFields extends KeepingFields {
  kind: 'local' | 's3'
  name: string
  path: string
  bucket: string
  endpoint: string
  region: string
  prefix: string
  accessKeyId: string
  secretAccessKey: string
  pathStyle: boolean
  checksumWhenRequired: boolean
  /** in GB; "": none */
  budget: string
}

export const emptyStorage: StorageFields = {
  kind: 'local',
  name: '',
  path: '',
  bucket: '',
  endpoint: '',
  region: 'us-east-1',
  prefix: '',
  accessKeyId: '',
  secretAccessKey: '',
  pathStyle: false,
  checksumWhenRequired: false,
  budget: '',
  ...emptyKeeping,
}

export type StorageProblems = Partial<Record<keyof StorageFields, string>>

/** What is wrong with each field; an empty object: nothing. */
export function problemsOf(fields: StorageFields): StorageProblems {
  const problems: StorageProblems = keepingProblems(fields)
  if (fields.name.trim() === '') problems.name = 'Give it a name.'
  if (fields.name.trim().length > 60) problems.name = 'At most 60 characters.'
  if (fields.budget !== '' && !(Number(fields.budget) > 0)) problems.budget = 'A number of GB above 0, or nothing.'
  if (fields.kind === 'local') {
    if (!fields.path.trim().startsWith('/')) problems.path = 'A path on the worker’s machine that begins with a slash.'
    return problems
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(fields.bucket.trim()))
    problems.bucket = 'The bucket’s name: 3 to 63 lower-case letters, digits, dots, hyphens.'
  if (fields.endpoint.trim() !== '' && !/^https?:\/\/[^/]+\/?$/.test(fields.endpoint.trim()))
    problems.endpoint = 'An address like https://s3.example.com, or nothing for AWS.'
  if (/^http:/.test(fields.endpoint.trim()) && !/^http:\/\/(127\.|localhost|\[::1\])/.test(fields.endpoint.trim()))
    problems.endpoint = 'Use https: plain http is for this machine only.'
  if (fields.region.trim() === '') problems.region = 'Which region? Stores without regions take us-east-1.'
  if (!/^[A-Za-z0-9._/-]*$/.test(fields.prefix)) problems.prefix = 'Letters, digits, dots, hyphens, underscores and slashes.'
  if (fields.accessKeyId.trim() === '') problems.accessKeyId = 'Who writes?'
  if (fields.secretAccessKey === '') problems.secretAccessKey = 'The secret that belongs to the access key.'
  return problems
}

export function requestOf(fields: StorageFields): NewStorage {
  const name = fields.name.trim()
  const common = { name, budgetBytes: fields.budget === '' ? null : Math.round(Number(fields.budget) * 1e9) }
  if (fields.kind === 'local') return { ...common, kind: 'local', path: fields.path.trim() }
  const endpoint = fields.endpoint.trim()
  return {
    ...common,
    kind: 's3',
    bucket: fields.bucket.trim(),
    ...(endpoint === '' ? {} : { endpoint }),
    region: fields.region.trim(),
    prefix: fields.prefix.trim(),
    pathStyle: fields.pathStyle,
    checksumWhenRequired: fields.checksumWhenRequired,
    accessKeyId: fields.accessKeyId.trim(),
    secretAccessKey: fields.secretAccessKey,
  }
}
