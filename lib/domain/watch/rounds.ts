import { isAhead } from './clock-ahead.ts'

/** Rounds come every 15 to 60 s: after this long without one nothing that is shown is known to be so now. */
const staleAfterMs = 180_000

/** null: there never was a round. */
export function areRoundsStale(lastRoundAt: Date | null, now: Date): boolean {
  return lastRoundAt === null || isAhead(lastRoundAt, now) || now.getTime() - lastRoundAt.getTime() > staleAfterMs
}
