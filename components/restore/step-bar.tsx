import { Link } from '#components/ui/link.tsx'
import { Steps } from '#components/ui/steps.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'
import { indexOf, stepsOf, stepTitle, type WizardStep } from './wizard-steps.ts'

/** Where in the wizard one is; answered steps are links back, until the restore has begun. */
export function StepBar({ address, shown, furthest }: { address: WizardAddress; shown: WizardStep; furthest: WizardStep }) {
  const open = stepsOf(address)
  const steps = open.map((step) =>
    furthest !== 'result' && step !== shown && indexOf(step) <= indexOf(furthest) ? (
      <Link key={step} href={wizardHref(address, step)} className="inline-block min-h-6">
        {stepTitle(step, address)}
      </Link>
    ) : (
      stepTitle(step, address)
    ),
  )
  return <Steps label="Steps of the restore" steps={steps} now={open.indexOf(shown)} />
}
