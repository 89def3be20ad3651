/** Every state that a thing in Lifeboat can be in. DESIGN: "one word per idea". */

export const operationStates = [
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'succeeded_with_findings',
  'failed',
  'cancelled',
  'interrupted',
] as const
export type OperationState = (typeof operationStates)[number]

export const openOperationStates = ['queued', 'running', 'cancelling'] as const satisfies readonly OperationState[]

export function isFinished(state: OperationState): boolean {
  return !(openOperationStates as readonly OperationState[]).includes(state)
}

export const copyStates = [
  'waiting',
  'storing',
  'stored',
  'verified',
  'missing',
  'corrupt',
  'failed',
  'delete_pending',
  'retained',
  'deleted',
] as const
export type CopyState = (typeof copyStates)[number]

/** Best first: the state of a backup is that of its best copy. */
const copyRank = {
  verified: 0,
  retained: 1,
  stored: 2,
  storing: 3,
  waiting: 4,
  corrupt: 5,
  missing: 6,
  failed: 7,
  delete_pending: 8,
  deleted: 9,
} satisfies Record<CopyState, number>

/** The state of the best copy; a backup without copies has failed. */
export function bestCopyState(states: readonly CopyState[]): CopyState {
  return states.reduce<CopyState>((best, state) => (copyRank[state] < copyRank[best] ? state : best), states[0] ?? 'failed')
}

/** A restore may read these copies; everything else holds no complete, undamaged manifest. */
export const readableCopyStates = ['verified', 'retained', 'stored'] as const satisfies readonly CopyState[]
/** Copies that were stored once: reading them again tells how they are now. */
export const storedOnceCopyStates = [...readableCopyStates, 'missing', 'corrupt'] as const satisfies readonly CopyState[]

export const tiers = ['daily', 'weekly', 'monthly', 'manual', 'safety', 'imported'] as const
export type Tier = (typeof tiers)[number]

export const severities = ['info', 'warning', 'blocker'] as const
export type Severity = (typeof severities)[number]

export const restoreOutcomes = ['completed', 'completed_with_losses', 'failed', 'indeterminate'] as const
export type RestoreOutcome = (typeof restoreOutcomes)[number]

export const verdicts = ['valid', 'corrupt', 'missing', 'unrecoverable'] as const
export type Verdict = (typeof verdicts)[number]

/** The worst of several verdicts, as `verify-backup` reports it. Unrecoverable: the key is gone. */
export function worstVerdict(all: readonly Verdict[]): Verdict {
  const rank = { valid: 0, missing: 1, corrupt: 2, unrecoverable: 3 } satisfies Record<Verdict, number>
  return all.reduce<Verdict>((worst, verdict) => (rank[verdict] > rank[worst] ? verdict : worst), all[0] ?? 'missing')
}

/** How far a swap can have come: written before the step is done. */
export const swapSteps = ['prepared', 'closed', 'renamed', 'opened'] as const
export type SwapStep = (typeof swapSteps)[number]
/** kept: the old database is still there and can be swapped back. */
export const swapStates = ['underway', 'kept', 'swapped_back', 'dropped', 'failed'] as const
export type SwapState = (typeof swapStates)[number]

export const runbookScenarios = ['one_table', 'database', 'everything'] as const
export type RunbookScenario = (typeof runbookScenarios)[number]

/** How a followed runbook ended; `exercise`: nothing had happened, it was practised. */
export const runbookOutcomes = ['recovered', 'given_up', 'exercise'] as const
export type RunbookOutcome = (typeof runbookOutcomes)[number]

/** owed: due or to come; filled, late: an operation was made for it; skipped: the one before was still at work; missed: nobody made one. */
export const slotStates = ['owed', 'filled', 'late', 'skipped', 'missed'] as const
export type SlotState = (typeof slotStates)[number]

/** How a storage and the catalogue can disagree. */
export const driftKinds = ['no_manifest', 'unknown_backup', 'missing_objects', 'foreign', 'unfinished_upload'] as const
export type DriftKind = (typeof driftKinds)[number]

/** What a person says of a suspicious backup. */
export const lookVerdicts = ['fine', 'bad'] as const
export type LookVerdict = (typeof lookVerdicts)[number]
