import type { OperationKind } from '#lib/domain/kinds.ts'
import type { OperationState } from '#lib/domain/states.ts'

/** A new kind does not compile until it has its words. */
export const kindWords = {
  check: 'Check',
  backup: 'Backup',
  verify: 'Verify',
  restore: 'Restore',
  reconcile: 'Reconcile',
} satisfies Record<OperationKind, string>

/** `Backup`, `Dry run of restore` */
export function kindInWords(kind: OperationKind, dryRun: boolean): string {
  return dryRun ? `Dry run of ${kindWords[kind].toLowerCase()}` : kindWords[kind]
}

/** In the page's title, so that a tab in the background says how it goes. */
export const stateInTitle = {
  queued: 'Queued',
  running: 'Running',
  cancelling: 'Cancelling',
  succeeded: 'Done',
  succeeded_with_findings: 'Done, with findings',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
} satisfies Record<OperationState, string>
