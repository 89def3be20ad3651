import type { Keep, ScheduledTier } from '#lib/domain/keep.ts'
import type { RetentionDutyView, RetentionRuleView, RetentionView, ScheduleView, SimulationView } from '#lib/domain/keeping-views.ts'
import { type Accepted, patch, post, put, remove } from './api.ts'

/** The acts on schedules and retention, one function each. All throw ApiError. */
export interface NewSchedule {
  databaseId: string
  tier: ScheduledTier
  cron: string
  timeZone: string
  /** in order, the first is the primary; empty: every storage that the database may use */
  storageIds: string[]
}
export const addSchedule = (body: NewSchedule) => post<ScheduleView>('/schedules', body)
export const changeSchedule = (id: string, body: Partial<Pick<NewSchedule, 'cron' | 'timeZone' | 'storageIds'>>) =>
  patch<ScheduleView>(`/schedules/${id}`, body)
export const pauseSchedule = (id: string) => post<ScheduleView>(`/schedules/${id}/pause`)
export const resumeSchedule = (id: string) => post<ScheduleView>(`/schedules/${id}/resume`)
export const removeSchedule = (id: string) => remove(`/schedules/${id}`)
/** Daily, weekly and monthly, each where the database has none yet. */
export const applyStandardPlan = (databaseId: string) => post<ScheduleView[]>(`/databases/${databaseId}/standard-plan`)

/** Where a rule holds and what it says; null: every database, every storage. */
export interface RuleInput {
  databaseId: string | null
  storageId: string | null
  tier: ScheduledTier
  keep: Keep
}
/** A shorter one waits before it acts; the one in force again takes a waiting one back. */
export const setRule = (body: RuleInput) => put<RetentionRuleView>('/retention/rules', body)
export const removeRule = (id: string) => remove(`/retention/rules/${id}`)
/** rules: the whole set that is tried out, as it would be. Nothing is changed. */
export const simulateRetention = (body: { rules: RuleInput[]; databaseId?: string }) => post<SimulationView>('/retention/simulate', body)
export const setRetentionSettings = (body: Partial<RetentionView['settings']>) => put<RetentionView['settings']>('/retention/settings', body)
/** Ends the pause of pruning, after somebody has looked. */
export const resumePruning = () => post<RetentionView>('/retention/resume')
export const addDuty = (body: Omit<RetentionDutyView, 'id' | 'databases' | 'endsAt'>) => post<RetentionDutyView>('/retention/duties', body)
export const removeDuty = (id: string) => remove(`/retention/duties/${id}`)

/** Deletes on one storage what the rules let go; its dry run says which, and why. */
export const startPrune = (body: { storageId: string; dryRun: boolean }, idempotencyKey: string) =>
  post<Accepted>('/prunes', body, { idempotencyKey })
