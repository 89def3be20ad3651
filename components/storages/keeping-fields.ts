import type { StorageKeeping } from '#lib/client/mutations.ts'

/** Where a storage lies and how it keeps, as typed. */
export interface KeepingFields {
  placeRegion: string
  agreement: string
  medium: StorageKeeping['medium']
  lockMode: 'none' | 'GOVERNANCE' | 'COMPLIANCE'
  lockDays: string
}

export const emptyKeeping: KeepingFields = { placeRegion: '', agreement: '', medium: 'online', lockMode: 'none', lockDays: '30' }

export function keepingFieldsOf(storage: StorageKeeping): KeepingFields {
  return {
    placeRegion: storage.region ?? '',
    agreement: storage.agreement ?? '',
    medium: storage.medium,
    lockMode: storage.lockMode ?? 'none',
    lockDays: String(storage.lockDays ?? 30),
  }
}

/** What is wrong with each field; an empty object: nothing. */
export function keepingProblems(fields: KeepingFields): Partial<Record<keyof KeepingFields, string>> {
  const problems: Partial<Record<keyof KeepingFields, string>> = {}
  if (fields.placeRegion.trim().length > 60) problems.placeRegion = 'At most 60 characters.'
  if (fields.agreement.trim().length > 200) problems.agreement = 'At most 200 characters.'
  const days = Number(fields.lockDays)
  if (fields.lockMode !== 'none' && !(Number.isInteger(days) && days >= 1 && days <= 3650))
    problems.lockDays = 'A whole number of days, from 1 to 3650.'
  return problems
}

export function keepingOf(fields: KeepingFields): StorageKeeping {
  const locked = fields.lockMode === 'none' ? null : fields.lockMode
  return {
    region: fields.placeRegion.trim() === '' ? null : fields.placeRegion.trim().toLowerCase(),
    agreement: fields.agreement.trim() === '' ? null : fields.agreement.trim(),
    medium: fields.medium,
    lockMode: locked,
    lockDays: locked === null ? null : Number(fields.lockDays),
  }
}
