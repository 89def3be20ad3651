import type { SlotView } from '#lib/domain/keeping-views.ts'
import { formatCount } from '#lib/domain/units.ts'

/** How one owed run is shown. `due`: its moment has come and its grace is not over. */
export type SlotMark = 'ran' | 'late' | 'running' | 'failed' | 'skipped' | 'missed' | 'due'

const ends: Record<string, SlotMark | null> = {
  queued: 'running',
  running: 'running',
  cancelling: 'running',
  failed: 'failed',
  cancelled: 'failed',
  interrupted: 'failed',
}

/** A run that was made and then failed is failed, whatever its slot says of it. */
export function markOf(slot: SlotView): SlotMark {
  // a skipped run counts as missed everywhere; here its reason is worth a mark of its own
  if (slot.state === 'skipped') return 'skipped'
  if (slot.missed || slot.state === 'missed') return 'missed'
  if (slot.state === 'owed' && slot.operation === null) return 'due'
  const ended = slot.operation === null ? null : (ends[slot.operation.state] ?? null)
  return ended ?? (slot.state === 'late' ? 'late' : 'ran')
}

export const markWords = {
  ran: 'ran',
  late: 'ran late',
  running: 'under way',
  failed: 'failed',
  skipped: 'skipped',
  missed: 'missed',
  due: 'due now',
} satisfies Record<SlotMark, string>

export const markOrder = ['ran', 'late', 'running', 'failed', 'skipped', 'missed', 'due'] as const satisfies readonly SlotMark[]

/** `last 14 runs: 12 ran, 1 failed, 1 missed` */
export function describeSlots(slots: readonly SlotView[]): string {
  if (slots.length === 0) return 'no run was due yet'
  const marks = slots.map(markOf)
  const parts = markOrder.flatMap((mark) => {
    const count = marks.filter((one) => one === mark).length
    return count === 0 ? [] : [`${count} ${markWords[mark]}`]
  })
  return `${slots.length === 1 ? 'last run' : `last ${formatCount(slots.length, 'run')}`}: ${parts.join(', ')}`
}
