/** Words that a person types in one line, with commas between: no blanks, none twice, in the order in which they were typed. */
export function labelsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    ),
  ]
}

/** What is wrong with them; null: nothing. */
export function labelProblem(labels: readonly string[]): string | null {
  if (labels.length > 20) return 'At most 20.'
  return labels.some((one) => one.length > 40) ? 'At most 40 characters each.' : null
}
