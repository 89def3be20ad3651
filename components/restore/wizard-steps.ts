/** The steps of the wizard, in order. A step is open when everything before it is answered, so that a link into the middle never lies. */
export const wizardSteps = ['happened', 'point', 'target', 'dry-run', 'confirm', 'result'] as const
export type WizardStep = (typeof wizardSteps)[number]

export const stepTitles = {
  happened: 'What happened',
  point: 'Which point',
  target: 'Where to',
  'dry-run': 'Dry run',
  confirm: 'Confirm',
  result: 'Result',
} as const satisfies Record<WizardStep, string>

/** What the address holds; null: not answered yet. */
export interface WizardAnswers {
  happened: string | null
  database: string | null
  backup: string | null
  /** name of the new database */
  name: string | null
  /** id of the dry run */
  plan: string | null
  /** the dry run ended, was not blocked, and was made for these very answers */
  planPassed: boolean
  /** id of the restore */
  operation: string | null
}

/** The furthest step that the answers allow. */
export function furthestStep(answers: WizardAnswers): WizardStep {
  if (answers.operation !== null) return 'result'
  if (answers.happened === null || answers.database === null) return 'happened'
  if (answers.backup === null) return 'point'
  if (answers.name === null || answers.name === '') return 'target'
  return answers.plan !== null && answers.planPassed ? 'confirm' : 'dry-run'
}

/** The step to show: the one asked for, or the furthest one that is open. A restore that was started shows only its result. */
export function shownStep(asked: string | null, answers: WizardAnswers): WizardStep {
  const furthest = furthestStep(answers)
  if (furthest === 'result') return 'result'
  const wanted = wizardSteps.find((step) => step === asked)
  return wanted !== undefined && indexOf(wanted) <= indexOf(furthest) ? wanted : furthest
}

export function indexOf(step: WizardStep): number {
  return wizardSteps.indexOf(step)
}
