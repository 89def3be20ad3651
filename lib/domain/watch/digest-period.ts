import type { ChannelRouting } from './channels.ts'

export type DigestEvery = NonNullable<ChannelRouting['digest']>

export interface DueDigest {
  /** once per channel: the day on which it is due */
  key: string
  /** where its period ends: the moment at which it is due */
  to: Date
}

/** What one digest tells of; `lost`: it was given up, and reached nobody. */
export interface DigestPeriod {
  from: Date
  to: Date
  lost: boolean
}

const hour = 7
const dayMs = 86_400_000
/** what a long outage leaves untold is no longer news */
const longestMs = 31 * dayMs
const days = { daily: 1, weekly: 7 } satisfies Record<DigestEvery, number>

/**
 * The newest digest that a channel is owed: each day at 07:00 UTC, or each Monday. null: the channel, `since`, is younger than that moment. One
 * that is asked for later, of a channel that is older, comes at once.
 */
export function dueDigest(every: DigestEvery, { now, since }: { now: Date; since: Date }): DueDigest | null {
  const to = lastDue(every, now)
  return since > to ? null : { key: `digest:${every}:${to.toISOString().slice(0, 10)}`, to }
}

/**
 * Where its period begins. `until`: until when all was told; what an outage left out is part of the next one, so that nothing falls between two.
 * null: nothing was told.
 */
export function digestFrom(every: DigestEvery, to: Date, until: Date | null): Date {
  const usual = to.getTime() - days[every] * dayMs
  return new Date(until === null ? usual : Math.max(Math.min(usual, until.getTime()), to.getTime() - longestMs))
}

/**
 * Until when all was told by digests that went out or still may: one that was given up leaves a gap until a later one covers its period, as far as
 * any goes back. null: there was none.
 */
export function toldUntil(digests: readonly DigestPeriod[]): Date | null {
  const kept = digests.filter((one) => !one.lost)
  const covered = ({ from, to }: DigestPeriod) =>
    kept.some((one) => one.to > to && (one.from <= from || one.to.getTime() - one.from.getTime() >= longestMs))
  const gaps = digests.filter((one) => one.lost && !covered(one)).map((one) => one.from.getTime())
  const ends = kept.map((one) => one.to.getTime())
  const until = Math.min(...gaps, ends.length === 0 ? Infinity : Math.max(...ends))
  return Number.isFinite(until) ? new Date(until) : null
}

function lastDue(every: DigestEvery, now: Date): Date {
  const due = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour))
  if (due > now) due.setUTCDate(due.getUTCDate() - 1)
  // back to Monday
  if (every === 'weekly') due.setUTCDate(due.getUTCDate() - ((due.getUTCDay() + 6) % 7))
  return due
}
