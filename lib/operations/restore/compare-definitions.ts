import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../run-context.ts'
import type { Loss } from './compare.ts'
import { type Differing, type How, judgeDiffering } from './compare-schema.ts'

const namedAtMost = 20
/** a restore may hold 100,000 large objects */
const listedAtMost = 500

/**
 * For definitions that read differently than in the backup: rewritten by PostgreSQL when they were loaded, which is no loss, or changed, which is.
 * A second load of the same schema tells which. Where that is not possible it is not known, and what is not known is a loss with that cause:
 * a restore that is called complete lost nothing.
 */
export async function compareDefinitions(
  context: Pick<RunContext, 'signal'>,
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
      losses: [
        ...changed.map(({ object }) => ({ object, cause: 'It is there, and its definition is not that of the backup.' })),
        ...notKnown(undecided, 'It is not part of a second load.'),
      ],
      findings: [...fresh.findings, ...aboutRewritten(rewritten)],
    }
  } catch (error) {
    context.signal.throwIfAborted()
    return { losses: notKnown(differing, asLifeboatError(error).message), findings: [] }
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

function notKnown(some: readonly Differing[], why: string): Loss[] {
  const cause = `It reads differently than in the backup. Whether PostgreSQL only rewrote it could not be found out: ${why}`
  const losses = some.slice(0, listedAtMost).map(({ object }) => ({ object, cause }))
  if (some.length > listedAtMost) losses.push({ object: `${some.length - listedAtMost} more objects`, cause })
  return losses
}

function definitions(some: readonly Differing[]): string {
  const named = some.slice(0, namedAtMost).map(({ object }) => object)
  const rest = some.length > namedAtMost ? ` and ${some.length - namedAtMost} more` : ''
  return `${named.join(', ')}${rest} ${some.length === 1 ? 'reads' : 'read'}`
}
