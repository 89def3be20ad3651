import type { RunbookScenario } from '#lib/domain/states.ts'
import { databaseRunbook } from './database.ts'
import { everythingRunbook } from './everything.ts'
import { oneTableRunbook } from './one-table.ts'
import type { Runbook, RunbookFacts, RunbookStep } from './runbook.ts'

const runbooks = {
  one_table: oneTableRunbook,
  database: databaseRunbook,
  everything: (facts) => everythingRunbook(facts),
} satisfies Record<RunbookScenario, (facts: RunbookFacts) => Runbook>

export function runbookOf(scenario: RunbookScenario, facts: RunbookFacts): Runbook {
  return runbooks[scenario](facts)
}

export function stepsOf(runbook: Runbook): RunbookStep[] {
  return runbook.sections.flatMap((section) => section.steps)
}

/** The runbook as plain text, as the command line prints it. */
export function printRunbook(runbook: Runbook, databaseName: string): string {
  const lines = [`${runbook.title}: ${databaseName}`, '', runbook.when, '', ...runbook.first]
  if (runbook.problem !== null) lines.push('', runbook.problem)
  let number = 0
  for (const section of runbook.sections) {
    lines.push('', '', section.title.toUpperCase(), section.text)
    for (const one of section.steps) {
      number += 1
      lines.push('', `[ ] ${number}. ${one.title}`, ...one.text.map((text) => `    ${text}`))
      if (one.command !== null) lines.push('', ...one.command.split('\n').map((line) => `        ${line}`))
    }
  }
  return lines.join('\n')
}
