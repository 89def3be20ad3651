import { randomUUID } from 'node:crypto'

import type { Kysely } from 'kysely'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { assertSchemaIsCurrent, knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { isFinished } from '#lib/domain/states.ts'
import { env } from '#lib/env.ts'
import { factsOf, lookAtMachine } from './machine.ts'
import { type Runners, runAttempt } from './runner.ts'
import { runners as allRunners } from './runners.ts'
import { takeStaging } from './staging.ts'

/**
 * Runs one queued operation in this process, for the CLI when no worker is alive. Returns the finished row.
 * `signal` ends the run: cancelled where its reason is that LifeboatError, else interrupted. Throws `unavailable` where this machine lacks what the operation needs; if another process claimed it first, its row comes back open.
 */
export async function runInline(
  catalog: Kysely<Catalog>,
  operationId: string,
  options: { signal?: AbortSignal; runners?: Runners; stagingRoot?: string } = {},
): Promise<OperationRow> {
  await assertSchemaIsCurrent(catalog)
  const machine = await lookAtMachine(catalog)
  const workerId = randomUUID()
  const claimed = await claimOperation(catalog, { workerId, schemaVersion: knownSchemaVersion(), ...factsOf(machine) }, operationId)
  if (claimed !== null) {
    const staging = takeStaging(options.stagingRoot ?? env().LIFEBOAT_STAGING, 'inline')
    try {
      await runAttempt(
        {
          catalog,
          workerId,
          runners: options.runners ?? allRunners,
          keys: machine.keys,
          tools: machine.tools,
          stagingRoot: staging.directory,
          shutdown: options.signal ?? new AbortController().signal,
        },
        claimed,
      )
    } finally {
      staging.release()
    }
  }
  const row = await getOperation(catalog, operationId)
  if (row === null) throw new LifeboatError('not_found', 'There is no such operation.')
  if (claimed === null && row.state === 'queued') {
    throw new LifeboatError(
      'unavailable',
      'This machine lacks what the operation needs.',
      'Start a worker that reaches its storages, or install the client tools.',
      {
        detail: { needs: row.needs, after: row.after },
      },
    )
  }
  if (claimed !== null && !isFinished(row.state)) throw new LifeboatError('interrupted', 'The outcome could not be recorded.')
  return row
}
