/**
 * What an alert means and what to do. Places in braces are filled in from the alert: {database}, {storage}, {channel}: its object; {operation},
 * {backup}: what the check found. A link or a command with a place that the alert does not know is left out.
 */
export interface Remedy {
  /** what it means for the data, in a sentence or two */
  means: string
  /** in order; the first is the one thing to do first */
  steps: readonly [RemedyStep, ...RemedyStep[]]
  /** the guided recovery that it may come to */
  runbook: 'one_table' | 'database' | 'everything' | null
}

export interface RemedyStep {
  words: string
  /** a path of the console */
  href: string | null
  /** what the same is on the command line */
  command: string | null
}

export function step(words: string, href: string | null = null, command: string | null = null): RemedyStep {
  return { words, href, command }
}
