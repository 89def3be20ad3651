import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatDay } from '#lib/domain/units.ts'

const copies = (count: number) => formatCount(count, 'copy', 'copies')

/** The finding of a simulation in a few sentences: what goes, how much of it because of the change, what waits. `inForce`: the same under the rules in force. */
export function verdictOf({ totals, timeline }: SimulationView, inForce?: SimulationView): string {
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
  return now + differenceWords(totals, inForce?.totals) + waiting + coming
}

function differenceWords(totals: SimulationView['totals'], inForce: SimulationView['totals'] | undefined): string {
  if (inForce === undefined) return ''
  const more = totals.deleted - inForce.deleted
  if (more === 0) return totals.deleted === 0 ? '' : ' The same go under the rules in force.'
  return more > 0
    ? ` Under the rules in force ${copies(inForce.deleted)} would.`
    : ` That is ${formatCount(-more)} fewer than under the rules in force.`
}

export interface Bucket {
  /** its first day */
  day: string
  label: string
  deleted: number
  bytes: number
}

/** Deletions by day; by month where they reach further than four months, by year further than four years. Empty ones between are there too. */
export function bucketsOf(timeline: SimulationView['timeline']): Bucket[] {
  const first = timeline[0]
  const last = timeline.at(-1)
  if (first === undefined || last === undefined) return []
  const days = (Date.parse(last.day) - Date.parse(first.day)) / 86_400_000
  const { length, label } = scales[days <= 120 ? 'day' : days <= 1461 ? 'month' : 'year']
  const keyOf = (day: string) => day.slice(0, length)
  const buckets = new Map<string, Bucket>()
  for (const at = new Date(first.day.slice(0, 10)); at <= new Date(last.day.slice(0, 10)); at.setUTCDate(at.getUTCDate() + 1)) {
    const day = at.toISOString().slice(0, 10)
    if (!buckets.has(keyOf(day))) buckets.set(keyOf(day), { day, label: label(day), deleted: 0, bytes: 0 })
  }
  for (const one of timeline) {
    const bucket = buckets.get(keyOf(one.day))
    if (bucket === undefined) continue
    bucket.deleted += one.deleted
    bucket.bytes += one.bytes
  }
  return [...buckets.values()]
}

/** length: how much of `2026-11-23` names the bucket */
const scales = {
  day: { length: 10, label: formatDay },
  month: { length: 7, label: month },
  year: { length: 4, label: (day: string) => day.slice(0, 4) },
}

function month(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(day))
}
