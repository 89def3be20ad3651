import type { StorageForecast } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatDate, formatShare } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'

/** How full a storage is. `share` null: nothing is known that it could be a share of. */
export interface Capacity {
  share: number | null
  words: string
  tone: 'idle' | 'warn' | 'bad'
}

/** A disk by its own count, which others fill too; a bucket, or a storage with a budget, by the sum of our objects against the budget. */
export function capacityOf(storage: StorageView): Capacity {
  const counted = count(storage)
  if (storage.reachable !== false) return counted
  // a bar would show a disk that nobody sees now as it was
  return { share: null, words: `When it last answered: ${counted.words.charAt(0).toLowerCase()}${counted.words.slice(1)}`, tone: 'idle' }
}

function count(storage: StorageView): Capacity {
  const { kind, totalBytes, freeBytes, usedBytes, budgetBytes } = storage
  const ours = usedBytes === null ? 'the size of our backups is unknown' : `our backups take ${formatBytes(usedBytes)}`
  if (kind === 'local' && totalBytes !== null && freeBytes !== null && totalBytes > 0) {
    const share = (totalBytes - freeBytes) / totalBytes
    return {
      share,
      words: `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}, ${formatShare(share)} in use; ${ours}`,
      tone: toneOf(share),
    }
  }
  if (budgetBytes !== null && budgetBytes > 0 && usedBytes !== null) {
    const share = usedBytes / budgetBytes
    return { share, words: `${formatBytes(usedBytes)} of a budget of ${formatBytes(budgetBytes)}, ${formatShare(share)}`, tone: toneOf(share) }
  }
  return {
    share: null,
    words: sentence(kind === 's3' ? `${ours}; no budget is set, so there is no limit to show` : `${ours}; the free space is unknown`),
    tone: 'idle',
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function toneOf(share: number): Capacity['tone'] {
  return share >= 0.97 ? 'bad' : share >= 0.8 ? 'warn' : 'idle'
}

/** When it fills, or why that is not known, in one line; null: nothing bounds it, or nobody worked it out. */
export function fillWords(forecast: StorageForecast | null): string | null {
  if (forecast === null || forecast.limitBytes === null) return null
  const { growthBytesPerDay: growth, fillsAt, usedShare } = forecast
  if (usedShare !== null && usedShare >= 1) return 'It is full.'
  if (growth === null) return 'When it fills is not known: too few days are on record.'
  if (growth <= 0) return 'It does not grow.'
  if (fillsAt === null) return `At ${formatBytes(growth)} a day it does not fill within ten years.`
  return `Fills about ${formatDate(fillsAt)} at ${formatBytes(growth)} a day.`
}
