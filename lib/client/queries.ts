import { queryOptions } from '@tanstack/react-query'
import type {
  BackupComparison,
  BackupDetail,
  BackupView,
  CaCertificateView,
  DatabaseSafety,
  DatabaseView,
  MeView,
  OperationDetail,
  OperationView,
  OverviewView,
  Page,
  RecoveryKeyView,
  ReportsView,
  SearchHit,
  StorageView,
  UserView,
  WorkerView,
} from '#lib/domain/views.ts'
import type { KeptUntil, KeptView, KeysView, RetentionView, SchedulePreview, ScheduleView } from '#lib/domain/keeping-views.ts'
import type {
  AlertDetail,
  AlertView,
  ChannelView,
  CheckHistory,
  CheckView,
  EscalationView,
  HeartbeatView,
  LogLine,
  WatchState,
} from '#lib/domain/watch-views.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'
import { get, type Query } from './api.ts'
import { type RuleInput, simulateRetention } from './keeping.ts'

/**
 * Every read of the console: one function per screen's question, each with its key. Pages hand the server's answer over as
 * `initialData`; invalidating the first word of a key (`['backups']`) refreshes all lists and details of that noun.
 */
const live = 5_000
const slow = 30_000

export const meQuery = () => queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => get<MeView>('/session', {}, signal), staleTime: slow })

export const overviewQuery = () =>
  queryOptions({ queryKey: ['overview'], queryFn: ({ signal }) => get<OverviewView>('/overview', {}, signal), refetchInterval: live })

export const databasesQuery = () =>
  queryOptions({ queryKey: ['databases'], queryFn: ({ signal }) => get<DatabaseView[]>('/databases', {}, signal), refetchInterval: slow })

export const databaseQuery = (id: string) =>
  queryOptions({
    queryKey: ['databases', id],
    queryFn: ({ signal }) => get<DatabaseSafety>(`/databases/${id}`, {}, signal),
    refetchInterval: slow,
  })

export const caCertificatesQuery = () =>
  queryOptions({ queryKey: ['ca-certificates'], queryFn: ({ signal }) => get<CaCertificateView[]>('/ca-certificates', {}, signal) })

export const storagesQuery = () =>
  queryOptions({ queryKey: ['storages'], queryFn: ({ signal }) => get<StorageView[]>('/storages', {}, signal), refetchInterval: slow })

/** One storage, with its use, drift and what waits for it. */
export const storageQuery = (id: string) =>
  queryOptions({ queryKey: ['storages', id], queryFn: ({ signal }) => get<StorageView>(`/storages/${id}`, {}, signal), refetchInterval: slow })

export const keysQuery = () =>
  queryOptions({ queryKey: ['keys'], queryFn: ({ signal }) => get<KeysView>('/keys', {}, signal), refetchInterval: slow })

/** filters: databaseId, tier, state, storageId, verified, proven, from, to, limit, cursor */
export const backupsQuery = (filters: Query = {}) =>
  queryOptions({
    queryKey: ['backups', 'list', filters],
    queryFn: ({ signal }) => get<Page<BackupView>>('/backups', filters, signal),
    refetchInterval: slow,
  })

export const backupQuery = (id: string) =>
  queryOptions({
    queryKey: ['backups', id],
    queryFn: ({ signal }) => get<BackupDetail>(`/backups/${id}`, {}, signal),
    refetchInterval: slow,
  })

export const comparisonQuery = (id: string, otherId: string) =>
  queryOptions({
    queryKey: ['backups', 'compare', id, otherId],
    queryFn: ({ signal }) => get<BackupComparison>('/backups/compare', { one: id, other: otherId }, signal),
  })

/** filters: kind, state, open, databaseId, backupId, storageId, dryRun, limit, cursor */
export const operationsQuery = (filters: Query = {}) =>
  queryOptions({
    queryKey: ['operations', 'list', filters],
    queryFn: ({ signal }) => get<Page<OperationView>>('/operations', filters, signal),
    refetchInterval: live,
  })

/** No polling of its own: useOperation in operation-stream.ts keeps it live. */
export const operationQuery = (id: string) =>
  queryOptions({ queryKey: ['operations', id], queryFn: ({ signal }) => get<OperationDetail>(`/operations/${id}`, {}, signal) })

export const workersQuery = () =>
  queryOptions({ queryKey: ['workers'], queryFn: ({ signal }) => get<WorkerView[]>('/workers', {}, signal), refetchInterval: 10_000 })

export const reportsQuery = (days: number, databaseId: string | null) =>
  queryOptions({
    queryKey: ['reports', days, databaseId],
    queryFn: ({ signal }) => get<ReportsView>('/reports', { days, databaseId }, signal),
  })

export const recoveryKeyQuery = () =>
  queryOptions({ queryKey: ['recovery-key'], queryFn: ({ signal }) => get<RecoveryKeyView>('/recovery-key', {}, signal) })

export const approvalsQuery = () =>
  queryOptions({ queryKey: ['approvals'], queryFn: ({ signal }) => get<{ required: boolean }>('/settings/approvals', {}, signal) })

/** filters: databaseId, kept */
export const swapsQuery = (filters: { databaseId?: string; kept?: boolean }) =>
  queryOptions({ queryKey: ['swaps', filters], queryFn: ({ signal }) => get<SwapView[]>('/swaps', filters, signal), refetchInterval: slow })

/** filters: databaseId */
export const schedulesQuery = (filters: { databaseId?: string } = {}) =>
  queryOptions({
    queryKey: ['schedules', filters],
    queryFn: ({ signal }) => get<ScheduleView[]>('/schedules', filters, signal),
    refetchInterval: slow,
  })

/** Of an expression that is being typed; a refusal names the field. */
export const schedulePreviewQuery = (cron: string, timeZone: string) =>
  queryOptions({
    queryKey: ['schedule-preview', cron, timeZone],
    queryFn: ({ signal }) => get<SchedulePreview>('/schedules/preview', { cron, timeZone }, signal),
    enabled: cron.trim() !== '' && timeZone !== '',
    retry: false,
  })

export const retentionQuery = () =>
  queryOptions({ queryKey: ['retention'], queryFn: ({ signal }) => get<RetentionView>('/retention', {}, signal), refetchInterval: slow })

/** What a set of rules would do to the history as it stands: asked with POST because the rules are long; it changes nothing. */
export const simulationQuery = (rules: RuleInput[], databaseId: string | null) =>
  queryOptions({
    queryKey: ['retention', 'simulation', rules, databaseId],
    queryFn: () => simulateRetention({ rules, ...(databaseId === null ? {} : { databaseId }) }),
    staleTime: slow,
    retry: false,
  })

/** Until when the backups of a page stay: a plan of one database, so of a page that holds one alone. */
export const keptListQuery = (databaseId: string | null, backupIds: readonly string[]) =>
  queryOptions({
    queryKey: ['retention', 'kept', databaseId, backupIds],
    queryFn: ({ signal }) => get<KeptUntil[]>(`/databases/${databaseId}/kept`, { backupIds: backupIds.join(',') }, signal),
    enabled: databaseId !== null && backupIds.length > 0,
    staleTime: 5 * 60_000,
  })

/** Until when one backup stays, and why. */
export const keptQuery = (backupId: string) =>
  queryOptions({ queryKey: ['retention', 'kept', backupId], queryFn: ({ signal }) => get<KeptView>('/retention/kept', { backupId }, signal) })

/** When Lifeboat last looked at all, and how much is open. */
export const watchQuery = () =>
  queryOptions({ queryKey: ['watch'], queryFn: ({ signal }) => get<WatchState>('/watch', {}, signal), refetchInterval: live })

/** filters: state, databaseId, limit, cursor */
export const alertsQuery = (filters: Query = {}) =>
  queryOptions({
    queryKey: ['alerts', 'list', filters],
    queryFn: ({ signal }) => get<Page<AlertView>>('/alerts', filters, signal),
    refetchInterval: live,
  })

export const alertQuery = (id: string) =>
  queryOptions({ queryKey: ['alerts', id], queryFn: ({ signal }) => get<AlertDetail>(`/alerts/${id}`, {}, signal), refetchInterval: live })

/** filters: databaseId */
export const checksQuery = (filters: { databaseId?: string } = {}) =>
  queryOptions({
    queryKey: ['checks', 'list', filters],
    queryFn: ({ signal }) => get<CheckView[]>('/checks', filters, signal),
    refetchInterval: 10_000,
  })

/** filters: q, kind, databaseId, operationId, since, limit, cursor */
export const logsQuery = (filters: Query) =>
  queryOptions({ queryKey: ['logs', filters], queryFn: ({ signal }) => get<Page<LogLine>>('/logs', filters, signal), refetchInterval: live })

/** Of one check, in the last so many hours. */
export const checkHistoryQuery = (kind: string, subject: string, hours: number) =>
  queryOptions({
    queryKey: ['checks', 'history', kind, subject, hours],
    queryFn: ({ signal }) => get<CheckHistory>('/checks/history', { kind, subject, hours }, signal),
    refetchInterval: slow,
  })

export const usersQuery = () => queryOptions({ queryKey: ['users'], queryFn: ({ signal }) => get<UserView[]>('/users', {}, signal) })

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => get<SearchHit[]>('/search', { q }, signal),
    enabled: q.trim() !== '',
    staleTime: 10_000,
  })

/** Who is told, and what became of the last messages. */
export const channelsQuery = () =>
  queryOptions({ queryKey: ['channels'], queryFn: ({ signal }) => get<ChannelView[]>('/channels', {}, signal), refetchInterval: live })

export const escalationQuery = () =>
  queryOptions({ queryKey: ['escalation'], queryFn: ({ signal }) => get<EscalationView>('/settings/escalation', {}, signal), refetchInterval: slow })

/** null: no service is told. */
export const heartbeatQuery = () =>
  queryOptions({
    queryKey: ['heartbeat'],
    queryFn: ({ signal }) => get<HeartbeatView | null>('/settings/heartbeat', {}, signal),
    refetchInterval: live,
  })
