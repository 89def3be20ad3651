/** Numbers and times in words: the one place where the console and the CLI format them, so that a translation is possible. */
export const unknown = 'unknown'

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Decimal units, as disks and buckets are sold: `0 B`, `1.2 kB`, `980 MB`. Three significant digits at most; null: unknown. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return unknown
  const size = Math.abs(bytes)
  let power = 0
  while (power < byteUnits.length - 1 && size >= 999.5 * 1000 ** power) power += 1
  const value = bytes / 1000 ** power
  const digits = power === 0 ? 0 : Math.abs(value) < 9.95 ? 1 : 0
  return `${formatNumber(value, digits)} ${byteUnits[power]}`
}

/** `48 MB/s` */
export function formatRate(bytesPerSecond: number | null | undefined): string {
  return bytesPerSecond === null || bytesPerSecond === undefined ? unknown : `${formatBytes(bytesPerSecond)}/s`
}

/** Two units at most: `0.4 s`, `41 s`, `11 min 40 s`, `8 h 14 min`, `97 days`. Seconds in; null: unknown. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return unknown
  const whole = Math.abs(seconds)
  if (whole < 0.05) return '0 s'
  if (whole < 9.95) return `${formatNumber(whole, 1)} s`
  const rounded = Math.round(whole)
  if (rounded < 60) return `${rounded} s`
  if (rounded < 3600) return pair(rounded, 60, 'min', 1, 's')
  const minutes = Math.round(whole / 60)
  if (minutes < 48 * 60) return pair(minutes, 60, 'h', 1, 'min')
  return formatCount(Math.round(whole / 86_400), 'day')
}

/** `3,412,118`, or with a noun `1 table`, `42 tables`. null: unknown. */
export function formatCount(count: number | null | undefined, noun?: string, plural?: string): string {
  if (count === null || count === undefined || !Number.isFinite(count)) return unknown
  const number = formatNumber(count, 0)
  return noun === undefined ? number : `${number} ${count === 1 ? noun : (plural ?? `${noun}s`)}`
}

/** A share from 0 to 1 as `62 %`; 100 % only when it is all, 0 % only when it is none. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return unknown
  const percent = Math.round(share * 100)
  if (percent >= 100 && share < 1) return '99 %'
  if (percent <= 0 && share > 0) return 'under 1 %'
  return `${percent} %`
}

/** `just now`, `8 h 14 min ago`, `in 15 h 46 min`; null: `never`. */
export function formatRelative(iso: string | Date | null | undefined, now: Date | number): string {
  if (iso === null || iso === undefined) return 'never'
  const seconds = (Number(now) - new Date(iso).getTime()) / 1000
  if (Math.abs(seconds) < 5) return 'just now'
  const words = formatDuration(Math.abs(seconds) < 60 ? Math.round(Math.abs(seconds)) : Math.abs(coarse(seconds)))
  return seconds > 0 ? `${words} ago` : `in ${words}`
}

/** `22 Nov 2026, 03:00 UTC`, with seconds where asked. */
export function formatUtc(iso: string | Date, withSeconds = false): string {
  return `${instant(iso, 'UTC', withSeconds)} UTC`
}

/** The same instant in the reader's zone: `22 Nov 2026, 04:00 GMT+1`. */
export function formatLocal(iso: string | Date, timeZone?: string, withSeconds = false): string {
  return instant(iso, timeZone, withSeconds, 'short')
}

/** The instant in the zone of a schedule, with the weekday and the zone's offset: `Sun 22 Nov 2026, 04:00 GMT+1`. */
export function formatZoned(iso: string | Date, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone }).format(new Date(iso))
  return `${day} ${instant(iso, timeZone, false, 'short')}`
}

/** `22 Nov` */
export function formatDay(iso: string | Date): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(iso))
}

/** `3 March 2027`, in UTC. */
export function formatDate(iso: string | Date): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(iso))
}

function instant(iso: string | Date, timeZone: string | undefined, withSeconds: boolean, timeZoneName?: 'short'): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' as const } : {}),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeZoneName === undefined ? {} : { timeZoneName }),
  }).format(new Date(iso))
}

/** Above ten minutes the seconds of a relative time are noise. */
function coarse(seconds: number): number {
  return Math.abs(seconds) > 600 ? Math.round(seconds / 60) * 60 : seconds
}

function pair(total: number, size: number, big: string, small: number, little: string): string {
  const rest = total % size
  const head = `${Math.floor(total / size)} ${big}`
  return rest < small ? head : `${head} ${rest} ${little}`
}

function formatNumber(value: number, digits: number): string {
  return new Intl.NumberFormat('en-GB', { maximumFractionDigits: digits }).format(value)
}
