import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../run-context.ts'
import type { Loss } from './compare.ts'
import { type Differing, type How, judgeDiffering } from './compare-schema.ts'

const namedAtMost = 20

/**
 * For definitions that read differently than in the backup: rewritten by PostgreSQL when they were loaded, which is no loss, or changed, which is.
 * A second load of the same schema tells which; where that is not possible, a warning says that it is not known.
 */
export async function compareDefinitions(
  context: RunContext,
  differing: readonly Differing[],
  restored: Toc,
  how: How,
  readFresh: () => Promise<{ toc: Toc; findings: Finding[] }>,
): Promise<{ losses: Loss[]; findings: Finding[] }> {
  if (differing.length === 0) return { losses: [], findings: [] }
  try {
    const fresh = await readFresh()
    const { rewritten, changed, undecided } = judgeDiffering(differing, restored, fresh.toc, how)
    return {
      losses: changed.map(({ object }) => ({ object, cause: 'It is there, and its definition is not that of the backup.' })),
      findings: [...fresh.findings, ...aboutRewritten(rewritten), ...aboutUndecided(undecided, 'They are not part of a second load.')],
    }
  } catch (error) {
    context.signal.throwIfAborted()
    return { losses: [], findings: aboutUndecided(differing, asLifeboatError(error).message) }
  }
}

function aboutRewritten(some: readonly Differing[]): Finding[] {
  if (some.length === 0) return []
  return [
    {
      severity: 'info',
      code: 'definitions_rewritten',
      message: `${definitions(some)} differently than in the backup. PostgreSQL writes ${some.length === 1 ? 'it' : 'them'} so whenever this backup is loaded (a second load reads the same): nothing was lost.`,
      remedy: '',
      overridable: false,
    },
  ]
}

function aboutUndecided(some: readonly Differing[], why: string): Finding[] {
  if (some.length === 0) return []
  return [
    {
      severity: 'warning',
      code: 'definitions_differ',
      message: `${definitions(some)} differently than in the backup. Whether PostgreSQL only rewrote ${some.length === 1 ? 'it' : 'them'} could not be found out: ${why}`,
      remedy: 'Compare them with the original by hand.',
      overridable: false,
    },
  ]
}

function definitions(some: readonly Differing[]): string {
  const named = some.slice(0, namedAtMost).map(({ object }) => object)
  const rest = some.length > namedAtMost ? ` and ${some.length - namedAtMost} more` : ''
  return `${named.join(', ')}${rest} ${some.length === 1 ? 'reads' : 'read'}`
}
