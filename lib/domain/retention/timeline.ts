import { dayMs } from './periods.ts'
import type { CopyFate, RetentionPlan } from './types.ts'

export interface TimelineDay {
  /** in UTC */
  day: string
  deleted: number
  bytes: number
}

/** What would go, by day, the earliest first, if verified backups go on coming and a run a day deletes as many as one may. */
export function timelineOf(plan: RetentionPlan, deletionsPerRun: number): TimelineDay[] {
  const today = Math.floor(plan.at.getTime() / dayMs)
  const going = plan.copies.flatMap((fate) => {
    const at = goesAt(fate, plan.at)
    return at === null ? [] : [{ day: Math.max(today, Math.floor(at / dayMs)), bytes: fate.storedBytes }]
  })
  going.sort((a, b) => a.day - b.day)
  const days: { number: number; deleted: number; bytes: number }[] = []
  for (const { day, bytes } of going) {
    let last = days.at(-1)
    // what one run may not delete any more is left to that of the next day
    if (last === undefined || last.number < day || last.deleted >= deletionsPerRun) {
      last = { number: Math.max(day, (last?.number ?? -1) + 1), deleted: 0, bytes: 0 }
      days.push(last)
    }
    last.deleted += 1
    last.bytes += bytes
  }
  return days.map(({ number, deleted, bytes }) => ({ day: new Date(number * dayMs).toISOString().slice(0, 10), deleted, bytes }))
}

/** null: no day is known, or none will come. What waits for a newer backup alone goes with the next one. */
function goesAt({ until, reasons }: CopyFate, now: Date): number | null {
  if (until !== null) return until.getTime()
  return reasons[0]?.kind === 'nothing_newer' ? now.getTime() : null
}
