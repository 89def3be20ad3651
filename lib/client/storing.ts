import type { DriftKind, LookVerdict } from '#lib/domain/states.ts'
import type { DriftAction } from '#lib/domain/drift.ts'
import type { HoldView, KeysView } from '#lib/domain/keeping-views.ts'
import { type Accepted, post, put, remove } from './api.ts'

/** The acts on copies, holds, what lies on storages, and keys, one function each. All throw ApiError. */

/** fromCopyId null: the best readable copy. move: the copy that it was made from goes, after the new one was read back whole. */
export interface NewCopy {
  backupId: string
  storageId: string
  fromCopyId: string | null
  move: boolean
}
/** operationId null: the storage is an offline medium, and the copy waits for it. */
export const makeCopy = (body: NewCopy, idempotencyKey: string) =>
  post<{ operationId: string | null; waiting: boolean }>('/copies', body, { idempotencyKey })

export type HoldKind = 'legal' | 'manual'
export const placeHold = (backupId: string, body: { kind: HoldKind; reason: string }) => post<HoldView>(`/backups/${backupId}/holds`, body)
export const releaseHold = (id: string, body: { reason: string }) => post<HoldView>(`/holds/${id}/release`, body)

/** What a person says of a suspicious backup. */
export const lookAtBackup = (backupId: string, body: { verdict: LookVerdict; note: string | null }) =>
  post<{ id: string; verdict: LookVerdict }>(`/backups/${backupId}/look`, body)

/** The operation repeats the reconcile with the act. */
export const clearDrift = (storageId: string, body: { action: DriftAction; kind: DriftKind; path: string }) =>
  post<Accepted>(`/storages/${storageId}/drift`, body)

/** One operation for each storage; `skipped` names those that cannot be reached now. */
export const sealKeysAnew = (body: { forgetOld: boolean }, idempotencyKey: string) =>
  post<{ operations: { id: string; storage: string }[]; skipped: { storage: string; reason: string }[] }>('/keys/rewrap', body, { idempotencyKey })
export const retireKey = (id: string) => post<KeysView>(`/keys/${id}/retire`)
export const setKms = (body: { keyArn: string; region: string; endpoint: string | null }) => put<KeysView>('/settings/kms', body)
export const stopKms = () => remove<KeysView>('/settings/kms')
