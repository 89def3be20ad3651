import { formatDuration, formatUtc } from '../units.ts'
import type { CheckResult } from './check-kinds.ts'
import { seenOfInstallation } from './result.ts'

/** What Supabase keeps of a project, as it says. Lifeboat can neither read nor verify it. */
export interface NativeBackups {
  /** recovery to a point in time is on */
  pitr: boolean
  earliestPoint: Date | null
  latestPoint: Date | null
  backups: { id: string; at: Date; status: string; physical: boolean }[]
}

/** `answered`: Supabase refused or failed, with this status; `failed`: no answer; `unreadable`: it answered something else. */
export type NativeSeen =
  | { kind: 'seen'; found: NativeBackups }
  | { kind: 'answered'; status: number }
  | { kind: 'failed'; reason: string }
  | { kind: 'unreadable' }

/** daily ones come once a day, with an hour or two between them more or less */
const dailyHours = 26
/** WAL is shipped every few minutes */
const pitrHours = 3

/** clocks differ by seconds; a point further ahead than this is no point that there is */
const aheadSeconds = 300

const notKnown = 'whether it still makes its backups is not known'

/** Of the project's own backups at Supabase. `now`: the catalogue's clock. */
export function judgeNativeBackups(projectRef: string, seen: NativeSeen, now: Date): CheckResult {
  const about = (status: CheckResult['status'], words: string, value: number | null = null) => ({
    ...seenOfInstallation('native_backups', { status, words, value, detail: { projectRef } }),
    subjectName: projectRef,
  })
  switch (seen.kind) {
    case 'failed':
      return about('unknown', `Supabase was not reached: ${notKnown}. ${seen.reason}`)
    case 'unreadable':
      return about('unknown', `Supabase answered something that is not a list of backups: ${notKnown}.`)
    case 'answered':
      return refused(seen.status, about)
    case 'seen':
      return judged(seen.found, now, about)
  }
}

type About = (status: CheckResult['status'], words: string, value?: number | null) => CheckResult

/** A token or a project that is wrong stays so until somebody mends it, so somebody is told. */
function refused(status: number, about: About): CheckResult {
  if (status === 401 || status === 403) return about('warning', `Supabase refuses the access token (${status}): ${notKnown}. Make a new one.`)
  if (status === 404) return about('warning', `Supabase knows no such project (404): ${notKnown}. Look at SUPABASE_PROJECT_REF.`)
  return about('unknown', `Supabase answered ${status}: ${notKnown}.`)
}

function judged(found: NativeBackups, now: Date, about: About): CheckResult {
  const newest = found.backups.toSorted((a, b) => b.at.getTime() - a.at.getTime())
  const whole = newest.find((one) => one.status === 'COMPLETED')
  const point = latest([whole?.at ?? null, found.latestPoint])
  if (point === null) return about('warning', 'Supabase keeps no backup of this project. Its plan may have none.')
  const age = (now.getTime() - point.getTime()) / 1_000
  // an age below zero would pass for young until its moment comes
  if (age < -aheadSeconds) return about('unknown', `Supabase names a recovery point in the future (${formatUtc(point)}): ${notKnown}.`)
  const most = (found.pitr ? pitrHours : dailyHours) * 3_600
  const words = `The newest recovery point at Supabase is ${formatDuration(age)} old (${formatUtc(point)})${found.pitr ? ', with recovery to a point in time' : ''}.`
  if (age > most) return about('warning', words, age)
  const last = newest[0]
  if (last?.status === 'FAILED' && last !== whole)
    return about('warning', `The last backup at Supabase failed, at ${formatUtc(last.at)}. ${words}`, age)
  return about('ok', words, age)
}

function latest(times: (Date | null)[]): Date | null {
  return times.reduce<Date | null>((newest, one) => (one !== null && (newest === null || one > newest) ? one : newest), null)
}
