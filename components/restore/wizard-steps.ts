import { actOf, actWords, hasTarget } from './acts.ts'
import type { WizardAddress } from './wizard-address.ts'

/** The steps of the wizard, in order. A step is open when everything before it is answered, so that a link into the middle never lies. */
export const wizardSteps = ['happened', 'point', 'target', 'dry-run', 'confirm', 'result'] as const
export type WizardStep = (typeof wizardSteps)[number]

const titles = {
  happened: 'What happened',
  point: 'Which point',
  target: 'Where to',
  'dry-run': 'Dry run',
  confirm: 'Confirm',
  result: 'Result',
} as const satisfies Record<WizardStep, string>

/** What the address holds, and what came of it. */
export interface WizardAnswers {
  /** with the ids that were found: what the address names and is not there is null */
  address: WizardAddress
  /** the dry run ended, was not blocked, and was made for these very answers */
  planPassed: boolean
  /** the restore has begun */
  begun: boolean
}

/** A clone takes the live database as it is: there is no point to choose. */
export function stepsOf(address: WizardAddress): WizardStep[] {
  return wizardSteps.filter((step) => step !== 'point' || actOf(address) !== 'clone')
}

export function stepTitle(step: WizardStep, address: WizardAddress): string {
  return step === 'target' && address.happened !== null ? actWords[actOf(address)].targetStep : titles[step]
}

/** The furthest step that the answers allow. */
export function furthestStep({ address, planPassed, begun }: WizardAnswers): WizardStep {
  if (begun) return 'result'
  if (address.happened === null || address.happened === 'everything' || address.database === null) return 'happened'
  if (address.backup === null && actOf(address) !== 'clone') return 'point'
  if (!hasTarget(address)) return 'target'
  return address.plan !== null && planPassed ? 'confirm' : 'dry-run'
}

/** The step to show: the one asked for, or the furthest one that is open. A restore that was started shows only its result. */
export function shownStep(asked: string | null, answers: WizardAnswers): WizardStep {
  const furthest = furthestStep(answers)
  if (furthest === 'result') return 'result'
  const wanted = stepsOf(answers.address).find((step) => step === asked)
  return wanted !== undefined && indexOf(wanted) <= indexOf(furthest) ? wanted : furthest
}

export function indexOf(step: WizardStep): number {
  return wizardSteps.indexOf(step)
}
