import type { OperationKind } from '#lib/domain/kinds.ts'
import { backupDefinition } from './backup/definition.ts'
import { checkDefinition } from './check/definition.ts'
import { cloneDefinition } from './clone/definition.ts'
import { holdDefinition } from './hold/definition.ts'
import { copyDefinition } from './copy/definition.ts'
import { importDefinition } from './import/definition.ts'
import { pruneDefinition } from './prune/definition.ts'
import { reconcileDefinition } from './reconcile/definition.ts'
import { restoreDefinition } from './restore/definition.ts'
import { rewrapDefinition } from './rewrap/definition.ts'
import { undoDefinition } from './undo/definition.ts'
import { verifyDefinition } from './verify/definition.ts'

/** kind -> definition. A kind without one does not compile. */
export const definitions = {
  check: checkDefinition,
  backup: backupDefinition,
  verify: verifyDefinition,
  restore: restoreDefinition,
  clone: cloneDefinition,
  import: importDefinition,
  reconcile: reconcileDefinition,
  copy: copyDefinition,
  prune: pruneDefinition,
  hold: holdDefinition,
  undo: undoDefinition,
  rewrap: rewrapDefinition,
} satisfies Record<OperationKind, unknown>
