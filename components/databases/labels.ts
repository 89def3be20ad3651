/** Words that a person types in one line, with commas between: no blanks, small letters, none twice, in the order in which they were typed. */
export function labelsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((one) => one.trim().toLowerCase())
        .filter((one) => one !== ''),
    ),
  ]
}

/** What is wrong with them; null: nothing. */
export function labelProblem(labels: readonly string[]): string | null {
  if (labels.length > 50) return 'At most 50.'
  return labels.some((one) => one.length > 60) ? 'At most 60 characters each.' : null
}
