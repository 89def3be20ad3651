import type { OperationKind } from '#lib/domain/kinds.ts'
import type { OperationState } from '#lib/domain/states.ts'

/** A new kind does not compile until it has its words. */
export const kindWords = {
  check: 'Check',
  backup: 'Backup',
  verify: 'Verify',
  restore: 'Restore',
  clone: 'Clone',
  import: 'Import',
  reconcile: 'Reconcile',
  copy: 'Copy',
  prune: 'Prune',
  hold: 'Writing holds',
  undo: 'Undo',
  rewrap: 'Sealing keys anew',
} satisfies Record<OperationKind, string>

/** `Backup`, `Dry run of restore` */
export function kindInWords(kind: OperationKind, dryRun: boolean): string {
  return dryRun ? `Dry run of ${kindWords[kind].toLowerCase()}` : kindWords[kind]
}

const vias: Record<string, string> = {
  web: 'in the console',
  cli: 'on the command line',
  chain: 'following another operation',
  scheduler: 'by schedule',
  system: 'by itself',
}

/** How it was asked for. */
export function viaWords(via: string): string {
  return vias[via] ?? via
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
