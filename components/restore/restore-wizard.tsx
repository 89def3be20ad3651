import { planOf } from '#components/follow/plan-of.ts'
import { LinkButton } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { BackupView, DatabaseView, OperationDetail } from '#lib/domain/views.ts'
import { commandOf } from './act-command.ts'
import { actOf, permissionFor, tableName } from './acts.ts'
import { SourceAndTarget } from './source-and-target.tsx'
import { StepBar } from './step-bar.tsx'
import { StepConfirm } from './step-confirm.tsx'
import { StepDryRun } from './step-dry-run.tsx'
import { StepHappened } from './step-happened.tsx'
import { StepPoint } from './step-point.tsx'
import { StepResult } from './step-result.tsx'
import { StepTable, type TableChoice } from './step-table.tsx'
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
  /** of the backup, from its manifest; only where one is to be chosen */
  tables: TableChoice[]
  /** only where it was made for these very answers */
  dryRun: OperationDetail | null
  /** the restore or clone that has begun */
  restore: OperationDetail | null
}

/** Get me back, safely: one question a step, everything in the address, nothing written before the confirmation. */
export function RestoreWizard(data: WizardData) {
  const { databases, backup, dryRun, restore, role } = data
  const source = databases.find((one) => one.id === (backup?.database.id ?? data.address.database)) ?? null
  const address = { ...data.address, database: source?.id ?? null, backup: backup?.id ?? null, plan: dryRun?.id ?? null }
  const server = address.server === null ? source : (databases.find((one) => one.id === address.server) ?? null)
  const elsewhere = address.server === null ? null : server
  const plan = planOf(dryRun)
  const answers = { address, planPassed: plan !== null && !plan.blocked, begun: restore !== null }
  const furthest = furthestStep(answers)
  const shown = shownStep(data.asked, answers)
  const command = (dry: boolean) =>
    source === null ? null : commandOf(address, { backupName: backup?.name ?? null, source, server: elsewhere }, dry)

  if (databases.length === 0 && restore === null) return <NothingToRestore />
  return (
    <div className="max-w-[1040px]">
      <PageHeader title={titleOf(address, source, backup)} />
      <StepBar address={address} shown={shown} furthest={furthest} />
      <SourceAndTarget address={address} source={source} backup={backup} server={server} />
      {shown === 'happened' && <StepHappened address={address} databases={databases} />}
      {shown === 'point' && <StepPoint address={address} points={data.points} more={data.morePoints} />}
      {shown === 'target' && source !== null && address.happened === 'table' && <StepTable address={address} role={role} tables={data.tables} />}
      {shown === 'target' && source !== null && address.happened !== 'table' && (
        <StepTarget address={address} role={role} source={source} backup={backup} databases={databases} />
      )}
      {shown === 'dry-run' && <StepDryRun address={address} command={command(true)} denied={denialOf(role, 'restore.plan')} dryRun={dryRun} />}
      {shown === 'confirm' && source !== null && plan !== null && (
        <StepConfirm
          address={address}
          source={source}
          backup={backup}
          plan={plan}
          command={command(false)}
          denied={denialOf(role, permissionFor(address))}
        />
      )}
      {shown === 'result' && restore !== null && (
        <StepResult
          restore={restore}
          role={role}
          act={actOf(address)}
          dryRunHref={wizardHref({ ...address, operation: null }, 'dry-run')}
          targetName={address.happened === 'table' ? tableName(address) : (address.name ?? source?.dbname ?? '')}
          server={server === null ? 'the server' : `${server.host}:${server.port}`}
        />
      )}
    </div>
  )
}

function NothingToRestore() {
  return (
    <>
      <PageHeader title="Restore" />
      <Panel flush>
        <EmptyState
          title="There is nothing to restore yet"
          action={
            <LinkButton variant="primary" href="/databases/new">
              Add a database
            </LinkButton>
          }
        >
          No database is protected yet.
        </EmptyState>
      </Panel>
    </>
  )
}

function titleOf(address: WizardAddress, source: DatabaseView | null, backup: BackupView | null): string {
  if (source === null) return 'Restore'
  if (actOf(address) === 'clone') return `Clone ${source.name}`
  const what = address.happened === 'table' && address.table !== null ? `${tableName(address)} of ${source.name}` : source.name
  return backup === null ? `Restore ${what}` : `Restore ${what} as of ${formatUtc(backup.createdAt)}`
}

function denialOf(role: Role, permission: Parameters<typeof allows>[1]): string | null {
  return allows(role, permission) ? null : reasonDenied(permission)
}
