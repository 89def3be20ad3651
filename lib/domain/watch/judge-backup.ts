import { formatDuration, formatUtc } from '../units.ts'
import type { CheckStatus } from './check-kinds.ts'

/** What is known of the slots of one schedule, the newest due one first. */
export interface BackupFacts {
  tier: string
  pausedAt: Date | null
  nextAt: Date | null
  /** at most the last ten that were due */
  slots: {
    slot: Date
    state: string
    reason: string | null
    /** its newest attempt */
    attempt: { id: string; state: string; attempt: number; finishedAt: Date | null; message: string | null; cancelledBy: string | null } | null
  }[]
  /** the newest backup of this database that ended well, of any tier: when its operation ended */
  laterSuccess: { operationId: string; finishedAt: Date; tier: string } | null
}

export interface Judgement {
  status: CheckStatus
  words: string
  detail: Record<string, unknown>
}

/** a slot that nothing serves is a missed run after this; lib/catalog/slots.ts says the same */
const graceMs = 15 * 60_000
const pauseMs = 24 * 3_600_000

/** The last slot that was decided tells; one that is being served changes nothing yet. */
export function judgeBackup(facts: BackupFacts, now: Date): Judgement {
  const { pausedAt, slots } = facts
  if (pausedAt !== null) {
    const longer = now.getTime() - pausedAt.getTime() > pauseMs
    const words = `Paused for ${formatDuration((now.getTime() - pausedAt.getTime()) / 1000)}: nothing backs it up at this tier.`
    return { status: longer ? 'warning' : 'unknown', words, detail: { paused: true } }
  }
  const decided = slots.findIndex((one) => !isUnderway(one, now))
  const slot = slots[decided]
  if (slot === undefined) {
    const words =
      slots.length > 0
        ? 'The first backup is being made.'
        : facts.nextAt === null
          ? 'None is owed yet.'
          : `The first one is owed at ${formatUtc(facts.nextAt)}.`
    return { status: 'unknown', words, detail: {} }
  }
  return judgeSlot(slot, facts, slots.slice(decided))
}

function isUnderway({ state, attempt, slot }: BackupFacts['slots'][number], now: Date): boolean {
  if (attempt !== null) return attempt.finishedAt === null && attempt.attempt <= 1
  return state === 'owed' && now.getTime() - slot.getTime() < graceMs
}

function judgeSlot(slot: BackupFacts['slots'][number], facts: BackupFacts, since: BackupFacts['slots']): Judgement {
  const at = formatUtc(slot.slot)
  const { attempt } = slot
  if (attempt === null) return judgeUnserved(slot, facts, since)
  const detail = { operationId: attempt.id, slot: slot.slot.toISOString() }
  if (attempt.state === 'succeeded' || attempt.state === 'succeeded_with_findings') {
    const late = slot.state === 'late' ? ', late' : ''
    return { status: 'ok', words: `The backup owed at ${at} succeeded${late}.`, detail }
  }
  const why = attempt.message === null ? `it was ${attempt.state}` : attempt.message.replace(/[.\s]+$/, '')
  if (attempt.finishedAt === null)
    return { status: 'critical', words: `The backup owed at ${at} failed, and a second attempt is being made.`, detail }
  const madeUp = facts.laterSuccess
  if (madeUp !== null && madeUp.finishedAt > attempt.finishedAt) {
    return { status: 'ok', words: `The backup owed at ${at} failed; a ${madeUp.tier} one succeeded at ${formatUtc(madeUp.finishedAt)}.`, detail }
  }
  if (attempt.state === 'cancelled') {
    return {
      status: 'warning',
      words: `The backup owed at ${at} was cancelled${attempt.cancelledBy === null ? '' : ` by ${attempt.cancelledBy}`}.`,
      detail,
    }
  }
  return { status: 'critical', words: `The backup owed at ${at} failed: ${why}.`, detail }
}

function judgeUnserved(slot: BackupFacts['slots'][number], facts: BackupFacts, since: BackupFacts['slots']): Judgement {
  const at = formatUtc(slot.slot)
  const detail = { slot: slot.slot.toISOString() }
  const madeUp = facts.laterSuccess
  if (madeUp !== null && madeUp.finishedAt > slot.slot) {
    return { status: 'ok', words: `No backup ran at ${at}; a ${madeUp.tier} one succeeded at ${formatUtc(madeUp.finishedAt)}.`, detail }
  }
  if (slot.state !== 'skipped') {
    const reason = slot.reason === null ? '' : ` ${slot.reason}`
    return { status: 'critical', words: `No backup ran for ${at}.${reason}`, detail }
  }
  const next = since.findIndex((one) => one.state !== 'skipped')
  const inARow = next === -1 ? since.length : next
  if (inARow < 2) return { status: 'unknown', words: `The backup owed at ${at} was skipped: the one before it was still being made.`, detail }
  return {
    status: 'warning',
    words: `${inARow} backups in a row were skipped, the last at ${at}: each takes longer than the time between two.`,
    detail: { ...detail, inARow },
  }
}
