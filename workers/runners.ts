import path from 'node:path'
import type { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { OperationKind } from '#lib/domain/kinds.ts'
import { env } from '#lib/env.ts'
import { runBackup } from '#lib/operations/backup/run.ts'
import { runCheck } from '#lib/operations/check/run.ts'
import { runClone } from '#lib/operations/clone/run.ts'
import { runCopy } from '#lib/operations/copy/run.ts'
import type { OperationDefinition } from '#lib/operations/definition.ts'
import { definitions } from '#lib/operations/definitions.ts'
import { runHold } from '#lib/operations/hold/run.ts'
import { type ImportMachine, runImport } from '#lib/operations/import/run.ts'
import { runPrune } from '#lib/operations/prune/run.ts'
import { runReconcile } from '#lib/operations/reconcile/run.ts'
import { runRestore } from '#lib/operations/restore/run.ts'
import type { Run } from '#lib/operations/run-context.ts'
import { runRewrap } from '#lib/operations/rewrap/run.ts'
import { runUndo } from '#lib/operations/undo/run.ts'
import { runVerify } from '#lib/operations/verify/run.ts'
import type { Runners } from './runner.ts'

/** The one place where a kind meets its code. A kind without a run does not compile. */
export const runners: Runners = {
  check: checked(definitions.check, runCheck),
  backup: checked(definitions.backup, runBackup),
  verify: checked(definitions.verify, runVerify),
  restore: checked(definitions.restore, runRestore),
  clone: checked(definitions.clone, runClone),
  import: checked(definitions.import, (context, input) => runImport(context, input, importMachine())),
  reconcile: checked(definitions.reconcile, runReconcile),
  copy: checked(definitions.copy, runCopy),
  prune: checked(definitions.prune, runPrune),
  hold: checked(definitions.hold, runHold),
  undo: checked(definitions.undo, runUndo),
  rewrap: checked(definitions.rewrap, runRewrap),
} satisfies Record<OperationKind, unknown>

/** The old key is known to the process that does the work, and to nothing else. */
function importMachine(): ImportMachine {
  const { ENCRYPTION_KEY, LIFEBOAT_HOME } = env()
  return { passphrase: ENCRYPTION_KEY ?? null, directory: path.join(LIFEBOAT_HOME, 'imports') }
}

/** What stands in a row was written by some version of Lifeboat: the definition decides whether this one understands it. */
function checked<Input extends z.ZodType>(definition: OperationDefinition<OperationKind, Input>, run: Run<z.output<Input>>): Runners[OperationKind] {
  return async (context, input) => {
    const parsed = definition.input.safeParse(input)
    if (parsed.success) return run(context, parsed.data)
    throw new LifeboatError(
      'refused',
      'This version of Lifeboat does not understand what the operation was asked to do.',
      'Nothing was done. Ask for it again.',
    )
  }
}
