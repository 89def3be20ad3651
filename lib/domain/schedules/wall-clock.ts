const formats = new Map<string, Intl.DateTimeFormat>()

/** The name as the platform writes it; null: there is no such zone. Offsets such as `+02:00` are none: they know no summer. */
export function timeZoneNamed(name: string): string | null {
  if (!/^[A-Za-z]/.test(name)) return null
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return null
  }
}

/** What a clock on the wall of the zone shows at an instant, as if it were UTC. */
export function wallOf(instant: Date, timeZone: string): Date {
  return new Date(instant.getTime() + offsetAt(instant.getTime(), timeZone))
}

/**
 * The instants at which the wall clock shows `wall` (read as if it were UTC), earliest first: two where the clock was put back, one otherwise.
 * A time that is skipped comes as much later as the clock was put forward: 02:30 becomes 03:30.
 */
export function instantsOf(wall: Date, timeZone: string): [Date, ...Date[]] {
  const shown = wall.getTime()
  const before = offsetAt(shown - 86_400_000, timeZone)
  const after = offsetAt(shown + 86_400_000, timeZone)
  if (before === after) return [new Date(shown - before)]
  // the larger offset gives the earlier instant
  const [first, second] = [Math.max(before, after), Math.min(before, after)]
    .filter((offset) => offsetAt(shown - offset, timeZone) === offset)
    .map((offset) => new Date(shown - offset))
  if (first === undefined) return [new Date(shown - before)]
  return second === undefined ? [first] : [first, second]
}

/** Milliseconds east of UTC. */
function offsetAt(instant: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  const shown = Object.fromEntries(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000
}
