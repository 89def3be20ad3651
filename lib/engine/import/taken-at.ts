import { basename } from 'node:path'

export interface TakenAt {
  at: Date
  from: 'header' | 'name' | 'file_time'
}

/**
 * When a dump was taken: what its header says, else the time in its name (`backup_daily_20240131_030000.sql.gz.enc`), read as UTC, else when the
 * file was last written. A time in the future is none.
 */
export function takenAt(file: { path: string; modifiedAt: Date }, header: Date | null, now: Date): TakenAt {
  const usable = (at: Date | null) => at !== null && at.getTime() > Date.UTC(1996, 0) && at.getTime() <= now.getTime()
  if (header !== null && usable(header)) return { at: header, from: 'header' }
  const named = inName(basename(file.path))
  if (named !== null && usable(named)) return { at: named, from: 'name' }
  return { at: file.modifiedAt.getTime() <= now.getTime() ? file.modifiedAt : now, from: 'file_time' }
}

function inName(name: string): Date | null {
  const match = /(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?:[T_-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d))?(?!\d)/.exec(name)
  if (match === null) return null
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0))
  const at = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second))
  // the 31st of February would become a day in March
  return at.getUTCMonth() === (month ?? 0) - 1 && at.getUTCDate() === day ? at : null
}
