export interface Sample {
  dataset: string
  what: string
  seconds: number[]
  peakMemoryBytes?: number
  bytesRead?: number
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Round by round, because the machine's speed drifts between rounds and not within one. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)))
}

export interface Comparison {
  dataset: string
  ours: string
  baseline: string
  ratio: number
  aim: number | null
}

export function printReport(samples: readonly Sample[], comparisons: readonly Comparison[]): void {
  const line = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`)
  line(['database', 'what', 'median s', 'min s', 'max s', 'peak MB', 'read MB'])
  line(['---', '---', '--:', '--:', '--:', '--:', '--:'])
  for (const one of samples) {
    const megabytes = (bytes: number | undefined): string => (bytes === undefined || bytes === 0 ? '' : (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0))
    line([
      one.dataset,
      one.what,
      median(one.seconds).toFixed(2),
      Math.min(...one.seconds).toFixed(2),
      Math.max(...one.seconds).toFixed(2),
      megabytes(one.peakMemoryBytes),
      megabytes(one.bytesRead),
    ])
  }
  console.log('')
  line(['database', 'ours', 'against', 'ratio', 'aim'])
  line(['---', '---', '---', '--:', '--:'])
  for (const one of comparisons)
    line([one.dataset, one.ours, one.baseline, one.ratio.toFixed(one.ratio < 0.1 ? 3 : 2), one.aim === null ? '' : `at most ${one.aim.toFixed(2)}`])
}
