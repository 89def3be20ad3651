import type { Run } from '../run-context.ts'
import { overwrites, type RestoreInput } from './definition.ts'
import { runInPlace } from './in-place/run.ts'
import { runReplace } from './replace/run.ts'
import { requireApproved } from './require-approved.ts'
import { runNew } from './run-new.ts'
import { runTable } from './table/run.ts'

/** Every way of restoring, and the code that takes it. */
export const runRestore: Run<RestoreInput> = async (context, input) => {
  if (overwrites(input) && !context.dryRun) await requireApproved(context)
  if (input.scope === 'table') return runTable(context, input)
  switch (input.way) {
    case 'new':
      return runNew(context, input)
    case 'replace':
      return runReplace(context, input)
    case 'in_place':
      return runInPlace(context, input)
  }
}
