import type { RestoreRequestInput } from '#lib/domain/restore-input.ts'
import type { RunbookRunChange, RunbookRunInput } from '#lib/domain/runbook-input.ts'
import type { MeView, RecoveryKeyView, RunbookRunView, UserView } from '#lib/domain/views.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Role } from '#lib/domain/permissions.ts'
import type { Tier } from '#lib/domain/states.ts'
import { type Accepted, patch, post, put, remove } from './api.ts'

/** Every act of the console, one function each. All throw ApiError. Acts that start work answer the operation's id. */
export const signIn = (body: { email: string; password: string }) => post<MeView>('/session', body)
export const signOut = () => remove('/session')

/** First admin, or an invited person: the token of the link. Signs in as well. */
export const setUp = (body: { token: string; email?: string; name?: string; password: string }) => post<MeView>('/setup', body)

export interface NewDatabase {
  name: string
  host: string
  port: number
  dbname: string
  username: string
  /** write-only; null: the server asks for none */
  password: string | null
  sslMode: 'verify-full' | 'disable'
  caId: string | null
  /** which schedules it begins with; the standard plan where a storage is there */
  plan?: 'standard' | 'none'
  /** duties of retention and people know it by these */
  tags?: string[]
  /** where its copies may lie; null: anywhere */
  allowedRegions?: string[] | null
}
export const addDatabase = (body: NewDatabase) => post<{ id: string; operationId: string }>('/databases', body)
export const testDatabase = (body: Omit<NewDatabase, 'name' | 'plan' | 'tags' | 'allowedRegions'>) => post<Accepted>('/databases/test', body)
/** A change of host, port, dbname, username, sslMode or caId needs the password again. */
export const changeDatabase = (
  id: string,
  body: Partial<Omit<NewDatabase, 'plan'>> & {
    rpoObjectiveSeconds?: number
    rtoObjectiveSeconds?: number
  },
  // findings: copies that lie where they may not any more
) => patch<{ id: string; findings: Finding[] }>(`/databases/${id}`, body)
export const checkDatabase = (id: string) => post<Accepted>(`/databases/${id}/check`)
export const removeDatabase = (id: string) => remove(`/databases/${id}`)

export const addCaCertificate = (body: { name: string; pem: string }) => post<{ id: string }>('/ca-certificates', body)

/** Where a storage lies for those who ask, and how it keeps. null: not said. */
export interface StorageKeeping {
  region: string | null
  /** the agreement that it rests on, for instance a contract's number */
  agreement: string | null
  /** offline: it may be absent, and copies wait for it */
  medium: 'online' | 'offline'
  /** set on each object that is stored from now on; only on a bucket with Object Lock */
  lockMode: 'GOVERNANCE' | 'COMPLIANCE' | null
  lockDays: number | null
}
export type NewStorage = {
  /** what testStorage answered: the place carries this id in its marker */
  storageId?: string
  name: string
  budgetBytes?: number | null
} & (
  | { kind: 'local'; path: string }
  | {
      kind: 's3'
      bucket: string
      endpoint?: string
      region: string
      prefix: string
      pathStyle: boolean
      checksumWhenRequired: boolean
      accessKeyId: string
      secretAccessKey: string
    }
)
/** Registers the storage and starts the check that writes its marker. */
export const addStorage = (body: NewStorage) => post<{ id: string; operationId: string }>('/storages', body)
/** Prepares and tries the place without registering it: writes its marker. Register it under the storageId of the answer. */
export const testStorage = (body: NewStorage) => post<Accepted & { storageId: string }>('/storages/test', body)
export const checkStorage = (id: string) => post<Accepted>(`/storages/${id}/check`)
export const reconcileStorage = (id: string, body: { adopt: boolean }) => post<Accepted>(`/storages/${id}/reconcile`, body)
/** operationId: the check of new credentials. */
export const changeStorage = (
  id: string,
  body: Partial<StorageKeeping> & { name?: string; budgetBytes?: number | null; accessKeyId?: string; secretAccessKey?: string },
  // findings: copies that may not lie there any more
) => patch<{ id: string; operationId: string | null; findings: Finding[] }>(`/storages/${id}`, body)
export const removeStorage = (id: string) => remove(`/storages/${id}`)

export const startBackup = (
  body: { databaseId: string; tier?: Extract<Tier, 'manual' | 'daily' | 'weekly' | 'monthly'>; storageIds?: string[]; dryRun?: boolean },
  idempotencyKey: string,
) => post<Accepted>('/backups', body, { idempotencyKey })
/** copyIds: only these copies of the one backup; absent: every copy. */
export const verifyBackups = (body: { backupIds: string[]; copyIds?: string[] }, idempotencyKey: string) =>
  post<{ operationIds: string[] }>('/backups/verify', body, { idempotencyKey })

/** Of a live database, with no storage in between. */
export interface NewClone {
  databaseId: string
  targetDbname: string
  /** a registered database whose server receives the clone; null: the source's own server */
  serverDatabaseId: string | null
  dryRun: boolean
  force: boolean
  missingRoles: 'refuse' | 'create' | 'drop_grants'
  roleMap: Record<string, string>
  /** as the dry run's plan saw the target */
  fingerprint: RestoreRequestInput['fingerprint']
}
/** A restore or a clone, or its dry run. */
export const startAct = (act: { kind: 'restore'; body: RestoreRequestInput } | { kind: 'clone'; body: NewClone }, idempotencyKey: string) =>
  post<Accepted>(act.kind === 'clone' ? '/clones' : '/restores', act.body, { idempotencyKey })

/** Swaps a replaced database back, or drops the kept one: by the id of the operation that swapped. */
export const undoSwap = (operationId: string, body: { act: 'swap_back' | 'drop'; confirmation?: string; dryRun: boolean }, idempotencyKey: string) =>
  post<Accepted>(`/operations/${operationId}/undo`, body, { idempotencyKey })

/** A second person's word on an operation that waits for it. */
export const decideApproval = (id: string, body: { approval: 'given' | 'refused' }) =>
  post<{ id: string; approval: string }>(`/operations/${id}/approval`, body)
export const setApprovals = (body: { required: boolean }) => put<{ required: boolean }>('/settings/approvals', body)
/** For the next five minutes dangerous acts are open. */
export const confirmPassword = (body: { password: string }) => post<void>('/session/confirm', body)
export const cancelOperation = (id: string) => post<{ id: string; state: string }>(`/operations/${id}/cancel`)

/** checkSha256: SHA-256 in hex of the private PEM; the private half itself never leaves the browser. */
export const saveRecoveryKey = (body: { publicPem: string; checkSha256: string }) => post<RecoveryKeyView>('/recovery-key', body)
/** code: the first eight hex digits of that SHA-256, as printed on the sheet. */
export const confirmRecoveryKey = (body: { code: string }) => post<RecoveryKeyView>('/recovery-key/confirm', body)

/** Answers the path of a one-time link to hand to the person. */
export const inviteUser = (body: { email: string; role: Role }) => post<{ path: string; expiresAt: string }>('/users', body)
export const changeUser = (id: string, body: { role?: Role; databaseIds?: string[] | null }) => patch<UserView>(`/users/${id}`, body)
export const removeUser = (id: string) => remove(`/users/${id}`)
/** Answers the path of a one-time link with which the person chooses a new password. */
export const makePasswordLink = (id: string) => post<{ path: string; expiresAt: string }>(`/users/${id}/password-link`)
/** Ends every other session of the person. */
export const changePassword = (body: { current: string; next: string }) => post<MeView>('/session/password', body)

export const beginRunbook = (body: RunbookRunInput) => post<RunbookRunView>('/runbook-runs', body)
export const changeRunbook = (id: string, body: RunbookRunChange) => patch<RunbookRunView>(`/runbook-runs/${id}`, body)
