import { formatBytes, formatCount, formatDuration, formatShare, unknown } from '../units.ts'
import type { CheckKindFacts } from './check-kinds.ts'

type Unit = NonNullable<CheckKindFacts['unit']>

const formats = {
  seconds: (value) => formatDuration(value),
  milliseconds: (value) => (value < 999.5 ? `${Number(value.toFixed(value < 9.95 ? 1 : 0))} ms` : formatDuration(value / 1_000)),
  share: (value) => formatShare(value),
  count: (value) => formatCount(value),
  bytes: (value) => formatBytes(value),
  days: (value) => formatCount(Math.floor(value), 'day'),
} satisfies Record<Unit, (value: number) => string>

/** What a check measured; a check without a unit measures nothing. */
export function checkValueWords(value: number | null, unit: CheckKindFacts['unit']): string {
  if (unit === null || value === null || !Number.isFinite(value)) return unknown
  return formats[unit](value)
}
