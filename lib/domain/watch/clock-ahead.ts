/** clocks are moved by less than this all the time, and nothing that is watched comes more often */
const toleranceMs = 60_000

/**
 * Whether a moment that was written down as past lies ahead of the same clock: the clock was set back since, and how long ago it was is not known.
 * Taken as it stands, such a moment would be "just now" until the clock has caught up.
 */
export function isAhead(at: Date, now: Date): boolean {
  return at.getTime() - now.getTime() > toleranceMs
}
