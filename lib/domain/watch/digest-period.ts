import type { ChannelRouting } from './channels.ts'

export type DigestEvery = NonNullable<ChannelRouting['digest']>

export interface DueDigest {
  /** once per channel: the day on which it is due */
  key: string
  /** where its period ends: the moment at which it is due */
  to: Date
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
 * Where its period begins. `toldUntil`: where the last digest of this kind ended; what an outage left out is part of the next one, so that nothing
 * falls between two. null: there was none.
 */
export function digestFrom(every: DigestEvery, to: Date, toldUntil: Date | null): Date {
  const usual = to.getTime() - days[every] * dayMs
  return new Date(toldUntil === null ? usual : Math.max(Math.min(usual, toldUntil.getTime()), to.getTime() - longestMs))
}

function lastDue(every: DigestEvery, now: Date): Date {
  const due = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour))
  if (due > now) due.setUTCDate(due.getUTCDate() - 1)
  // back to Monday
  if (every === 'weekly') due.setUTCDate(due.getUTCDate() - ((due.getUTCDay() + 6) % 7))
  return due
}
