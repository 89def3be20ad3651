import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from '#lib/domain/units.ts'

/** Numbers as the reader meets them; null is shown as `unknown`, never as 0. The words live in lib/domain/units.ts. */
export function Bytes({ value }: { value: number | null | undefined }) {
  return (
    <data value={value ?? ''} className="whitespace-nowrap">
      {formatBytes(value)}
    </data>
  )
}
export function Rate({ value }: { value: number | null | undefined }) {
  return <span className="whitespace-nowrap">{formatRate(value)}</span>
}
/** seconds */
export function Duration({ value }: { value: number | null | undefined }) {
  return <span className="whitespace-nowrap">{formatDuration(value)}</span>
}
export function Count({ value, noun, plural }: { value: number | null | undefined; noun?: string; plural?: string }) {
  return <span className="whitespace-nowrap">{formatCount(value, noun, plural)}</span>
}
/** 0 to 1 */
export function Share({ value }: { value: number | null | undefined }) {
  return <span className="whitespace-nowrap">{formatShare(value)}</span>
}
