import { EmptyState } from '#components/ui/empty-state.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { BackupView, DatabaseView, OperationDetail } from '#lib/domain/views.ts'
import { planOf } from '#components/follow/plan-of.ts'
import { SourceAndTarget } from './source-and-target.tsx'
import { StepBar } from './step-bar.tsx'
import { StepConfirm } from './step-confirm.tsx'
import { StepDryRun } from './step-dry-run.tsx'
import { StepHappened } from './step-happened.tsx'
import { StepPoint } from './step-point.tsx'
import { StepResult } from './step-result.tsx'
import { StepTarget } from './step-target.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'
import { furthestStep, shownStep } from './wizard-steps.ts'

export interface WizardData {
  address: WizardAddress
  /** the step that the address asks for */
  asked: string | null
  role: Role
  databases: DatabaseView[]
  points: BackupView[]
  morePoints: boolean
  backup: BackupView | null
  /** only where it was made for these very answers */
  dryRun: OperationDetail | null
  restore: OperationDetail | null
}

/** Get me back, safely: one question a step, everything in the address, nothing written before the confirmation. */
export function RestoreWizard(data: WizardData) {
  const { address, databases, backup, dryRun, restore } = data
  const source = databases.find((one) => one.id === (backup?.database.id ?? address.database)) ?? null
  const server = address.server === null ? source : (databases.find((one) => one.id === address.server) ?? null)
  const elsewhere = address.server === null ? null : server
  const plan = planOf(dryRun)
  const answers = {
    happened: address.happened,
    database: source?.id ?? null,
    backup: backup?.id ?? null,
    name: address.name,
    plan: dryRun?.id ?? null,
    planPassed: plan !== null && !plan.blocked,
    operation: restore?.id ?? null,
  }
  const furthest = furthestStep(answers)
  const shown = shownStep(data.asked, answers)

  if (databases.every((one) => one.newestRestorableAt === null) && restore === null) return <NothingToRestore any={databases.length > 0} />
  return (
    <div className="max-w-[1040px]">
      <PageHeader title={titleOf(source, backup)} />
      <StepBar address={address} shown={shown} furthest={furthest} />
      <SourceAndTarget source={source} backup={backup} server={address.name === null ? null : server} targetName={address.name} />
      {shown === 'happened' && <StepHappened address={address} databases={databases} />}
      {shown === 'point' && <StepPoint address={address} points={data.points} more={data.morePoints} />}
      {shown === 'target' && source !== null && backup !== null && (
        <StepTarget address={address} role={data.role} source={source} backup={backup} databases={databases} />
      )}
      {shown === 'dry-run' && (
        <StepDryRun address={address} backupName={backup?.name ?? ''} server={elsewhere} denied={planDenialOf(data.role)} dryRun={dryRun} />
      )}
      {shown === 'confirm' && backup !== null && plan !== null && (
        <StepConfirm address={address} backup={backup} plan={plan} server={elsewhere} denied={denialOf(data.role, address)} />
      )}
      {shown === 'result' && restore !== null && (
        <StepResult
          restore={restore}
          dryRunHref={wizardHref({ ...address, operation: null }, 'dry-run')}
          targetName={address.name ?? ''}
          server={server === null ? 'the server' : `${server.host}:${server.port}`}
        />
      )}
    </div>
  )
}

function NothingToRestore({ any }: { any: boolean }) {
  return (
    <>
      <PageHeader title="Restore" />
      <Panel flush>
        <EmptyState
          title="There is nothing to restore from yet"
          action={
            <LinkButton variant="primary" href={any ? '/databases' : '/databases/new'}>
              {any ? 'Choose a database to back up' : 'Add a database'}
            </LinkButton>
          }
        >
          {any ? 'No backup has a copy that can be read. Back up a database first.' : 'No database is protected yet.'}
        </EmptyState>
      </Panel>
    </>
  )
}

function titleOf(source: DatabaseView | null, backup: BackupView | null): string {
  if (source === null) return 'Restore a database'
  return backup === null ? `Restore ${source.name}` : `Restore ${source.name} as of ${formatUtc(backup.createdAt)}`
}

function planDenialOf(role: Role): string | null {
  return allows(role, 'restore.plan') ? null : reasonDenied('restore.plan')
}

function denialOf(role: Role, address: WizardAddress): string | null {
  const permission = address.server === null ? 'restore.new' : 'restore.elsewhere'
  return allows(role, permission) ? null : reasonDenied(permission)
}
