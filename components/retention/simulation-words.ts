import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatDay } from '#lib/domain/units.ts'

const copies = (count: number) => formatCount(count, 'copy', 'copies')

/** The finding of a simulation in one or two sentences: what goes now, what goes later. */
export function verdictOf({ totals, timeline }: SimulationView): string {
  const later = timeline.reduce((sum, day) => sum + day.deleted, 0) - totals.deleted
  const next = timeline[0]
  const now =
    totals.deleted === 0
      ? `No copy would go now; ${copies(totals.kept)} would stay.`
      : `${copies(totals.deleted)} would go, ${copies(totals.kept)} would stay; that frees ${formatBytes(totals.freedBytes)}.`
  const waiting =
    totals.waiting === 0
      ? ''
      : ` ${formatCount(totals.waiting)} more would wait for something: a lock, the limit of one run, or a rule that does not act yet.`
  const coming = later > 0 && totals.deleted === 0 && next !== undefined ? ` The next goes on ${formatDay(next.day)}.` : ''
  return now + waiting + coming
}

export interface Bucket {
  /** its first day */
  day: string
  label: string
  deleted: number
  bytes: number
}

/** Deletions by day, or by month where they reach further than four months; empty days between are there too. At most 120 of either. */
export function bucketsOf(timeline: SimulationView['timeline']): Bucket[] {
  const first = timeline[0]
  const last = timeline.at(-1)
  if (first === undefined || last === undefined) return []
  const byMonth = (Date.parse(last.day) - Date.parse(first.day)) / 86_400_000 > 120
  const buckets = new Map<string, Bucket>()
  const at = new Date(`${byMonth ? first.day.slice(0, 7) : first.day.slice(0, 10)}${byMonth ? '-01' : ''}T00:00:00Z`)
  for (
    ;
    at.toISOString().slice(0, 10) <= last.day.slice(0, 10) && buckets.size < 121;
    byMonth ? at.setUTCMonth(at.getUTCMonth() + 1) : at.setUTCDate(at.getUTCDate() + 1)
  ) {
    const day = at.toISOString().slice(0, 10)
    buckets.set(byMonth ? day.slice(0, 7) : day, { day, label: byMonth ? month(day) : formatDay(day), deleted: 0, bytes: 0 })
  }
  for (const one of timeline) {
    const bucket = buckets.get(one.day.slice(0, byMonth ? 7 : 10))
    if (bucket === undefined) continue
    bucket.deleted += one.deleted
    bucket.bytes += one.bytes
  }
  return [...buckets.values()]
}

function month(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))
}
