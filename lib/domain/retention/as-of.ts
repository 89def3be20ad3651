import { dayMs } from './periods.ts'

/** A step of more than that between two days with a backup may be a clock that went wrong: a month's schedule makes smaller ones. */
export const leapMs = 35 * dayMs
/** Backups that lie closer together than that speak with one voice; a daily one comes some hours early or late. */
export const apartMs = 20 * 3_600_000

export interface AsOf {
  /** how far time has gone on; minus infinity: nothing is over */
  at: number
  /** there was a step after it, and what came then counts for nothing yet */
  leapt: boolean
  /** the times that this was read from */
  from: number[]
}

/**
 * How far verified backups say that time has gone on. `times`: theirs in milliseconds, each list newest first. The newest one tells it, if
 * another one, made at least `apartMs` before, lies within `leapMs` of its day. After a longer step the last one before the step tells it until a second
 * backup confirms the new time, and with backups of one day alone nothing does: no single backup, of a clock that was wrong, ends anything.
 */
export function tellTime(...times: readonly (readonly number[])[]): AsOf {
  const ordered = newestFirst(times)
  const newest: number | undefined = ordered.next().value
  if (newest === undefined) return { at: Number.NEGATIVE_INFINITY, leapt: false, from: [] }
  let first = newest
  for (const at of ordered) {
    if (at > newest - apartMs) {
      first = at
      continue
    }
    const leapt = first - at > leapMs
    return { at: leapt ? at : newest, leapt, from: [newest, first, at] }
  }
  return { at: Number.NEGATIVE_INFINITY, leapt: false, from: [newest, first] }
}

function* newestFirst(lists: readonly (readonly number[])[]): Generator<number, undefined, undefined> {
  const next = lists.map(() => 0)
  for (;;) {
    let best = -1
    for (const [index, list] of lists.entries()) {
      const at = list[next[index] ?? 0]
      if (at !== undefined && (best === -1 || at > (lists[best]?.[next[best] ?? 0] ?? at))) best = index
    }
    if (best === -1) return undefined
    const at = lists[best]?.[next[best] ?? 0]
    next[best] = (next[best] ?? 0) + 1
    if (at !== undefined) yield at
  }
}
