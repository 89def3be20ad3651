import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { assertSchemaIsCurrent, knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages } from '#lib/catalog/storages.ts'
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
  options: { signal?: AbortSignal; runners?: Runners; stagingRoot?: string; workerId?: string } = {},
): Promise<OperationRow> {
  await assertSchemaIsCurrent(catalog)
  const machine = await lookAtMachine(catalog)
  const workerId = options.workerId ?? randomUUID()
  const facts = factsOf(machine)
  const asked = await getOperation(catalog, operationId)
  // no other machine is there to wait for: the run looks at the server and says by name which tools it lacks, instead of staying queued
  const toolMajors = [...facts.toolMajors, ...(asked?.needs.serverMajor === undefined ? [] : [asked.needs.serverMajor])]
  const claimed = await claimOperation(catalog, { workerId, schemaVersion: knownSchemaVersion(), ...facts, toolMajors }, operationId)
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
    throw await lacking(catalog, row, facts)
  }
  if (claimed !== null && !isFinished(row.state)) throw new LifeboatError('interrupted', 'The outcome could not be recorded.')
  return row
}

async function lacking(
  catalog: Kysely<Catalog>,
  { id, needs, after }: OperationRow,
  has: { keyIds: string[]; storageIds: string[] },
): Promise<LifeboatError> {
  const storages = (needs.storageIds ?? []).filter((one) => !has.storageIds.includes(one))
  const names = (await listStorages(catalog)).filter((one) => storages.includes(one.id)).map((one) => one.name)
  const lacks = [
    ...(needs.keyId === undefined || has.keyIds.includes(needs.keyId) ? [] : [`the key ${needs.keyId}`]),
    ...(storages.length === 0 ? [] : [names.length === 1 ? `the storage ${names[0]}` : `the storages ${names.join(', ')}`]),
  ]
  return new LifeboatError(
    'unavailable',
    lacks.length === 0 ? 'The operation cannot begin yet.' : `This machine lacks what the operation needs: ${lacks.join(' and ')}.`,
    `It stays queued for a worker that has all it needs. To give it up: lifeboat operations cancel ${id}`,
    { detail: { needs, after } },
  )
}
