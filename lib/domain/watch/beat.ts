import { formatDuration } from '../units.ts'
import { isAhead } from './clock-ahead.ts'
import type { HeartbeatSettings, HeartbeatState } from './heartbeat.ts'

export interface BeatFacts {
  now: Date
  /** when the last round of the watch ended; null: never */
  lastRoundAt: Date | null
  /** what the check of the checks says; null: it was never made */
  watch: { ok: boolean; words: string } | null
  /** since when a critical message has been waiting; null: none does */
  undeliveredSince: Date | null
  /** critical alerts that nobody has taken on */
  openCritical: number
}

const roundMs = 120_000
const undeliveredMs = 15 * 60_000
const againMs = 60_000

/** Is one due? After a failure it is tried again within a minute: whoever waits for it calls soon. */
export function isBeatDue(settings: HeartbeatSettings, state: HeartbeatState, now: Date): boolean {
  if (settings.urlSealed === null) return false
  if (state.lastTriedAt === null) return true
  const pause = state.failingSince === null ? settings.everySeconds * 1_000 : Math.min(againMs, settings.everySeconds * 1_000)
  return now.getTime() - Date.parse(state.lastTriedAt) >= pause
}

/**
 * Why none is sent; null: the cycle was healthy. A beat says: Lifeboat looks at everything, and what it sees reaches people. That something is
 * wrong with a database is no reason to be silent, unless somebody wants it so: people hear of that by the channels.
 */
export function beatWithheld(settings: HeartbeatSettings, facts: BeatFacts): string | null {
  if (facts.lastRoundAt === null || isAhead(facts.lastRoundAt, facts.now) || facts.now.getTime() - facts.lastRoundAt.getTime() > roundMs)
    return 'The checks are not being made.'
  if (facts.watch === null) return 'Whether the checks are made in time is not known.'
  if (!facts.watch.ok) return facts.watch.words
  const waiting = facts.undeliveredSince === null ? 0 : facts.now.getTime() - facts.undeliveredSince.getTime()
  if (waiting > undeliveredMs) return `A critical message has not reached its channel for ${formatDuration(waiting / 1_000)}.`
  if (settings.silentWhileCritical && facts.openCritical > 0) return 'A critical alert is open, and nobody has taken it on.'
  return null
}
