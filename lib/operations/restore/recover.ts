import type { Recover } from '../recover-context.ts'
import { restoreInput } from './definition.ts'
import { recoverInPlace } from './in-place/recover.ts'
import { recoverNew } from './recover-new.ts'
import { recoverReplace } from './replace/recover.ts'
import { recoverTable } from './table/recover.ts'

/** What became of a restore whose worker died, by its way. null: nothing was begun that could have left something. */
export const recoverRestore: Recover = async (context, operation) => {
  const input = restoreInput.safeParse(operation.input)
  if (!input.success) return null
  if (input.data.scope === 'table') return recoverTable(context, operation, input.data)
  switch (input.data.way) {
    case 'new':
      return recoverNew(context, operation, input.data)
    case 'replace':
      return recoverReplace(context, operation, input.data)
    case 'in_place':
      return recoverInPlace(context, operation, input.data)
  }
}
