import { formatCount, formatDate } from '../units.ts'
import type { CheckStatus } from './check-kinds.ts'

/** Renewing takes an order, a change and a restart: three weeks are a warning, three days are none any more. */
export const certificateDays = { warning: 21, critical: 3 } as const
const dayMs = 86_400_000

/** `value`: days that are left, negative afterwards. */
export function judgeCertificate(endsAt: Date, now: Date): { status: CheckStatus; words: string; value: number; detail: Record<string, unknown> } {
  const left = (endsAt.getTime() - now.getTime()) / dayMs
  const value = Math.round(left * 10) / 10
  const detail = { endsAt: endsAt.toISOString() }
  if (left <= 0)
    return {
      status: 'critical',
      words: `Its certificate ended on ${formatDate(endsAt)}: whoever checks it does not connect. Renew it.`,
      value,
      detail,
    }
  const days = Math.floor(left)
  const words = `Its certificate ends on ${formatDate(endsAt)}, ${days === 0 ? 'today or tomorrow' : `in ${formatCount(days, 'day')}`}.`
  const status = left <= certificateDays.critical ? 'critical' : left <= certificateDays.warning ? 'warning' : 'ok'
  return { status, words: status === 'ok' ? words : `${words} Renew it before: afterwards no backup can be taken or stored.`, value, detail }
}
