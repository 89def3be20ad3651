import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { attemptState, type Outcome } from '#lib/catalog/attempts.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { OperationKind } from '#lib/domain/kinds.ts'
import { log } from '#lib/log.ts'
import { followUp } from '#lib/operations/chain.ts'
import { finishOperation } from '#lib/operations/finish.ts'
import type { RunContext, RunResult } from '#lib/operations/run-context.ts'
import { holdLease, type Lease } from './lease.ts'
import { type Reporter, reportTo } from './progress.ts'

/** kind -> what carries it out; the input is checked against the kind's definition first. */
export type Runners = Record<OperationKind, (context: RunContext, input: Record<string, unknown>) => Promise<RunResult>>

/** What an attempt is run with: the same in a worker, in the CLI's own process and in tests. */
export interface Workshop {
  catalog: Kysely<Catalog>
  workerId: string
  runners: Runners
  keys: RunContext['keys']
  tools: RunContext['tools']
  /** attempts get private directories below it */
  stagingRoot: string
  /** aborted: no new attempts, running ones end cleanly */
  shutdown: AbortSignal
}

/** Carries out one claimed attempt, from its private directory to its recorded outcome. Never throws. */
export async function runAttempt(workshop: Workshop, operation: OperationRow): Promise<void> {
  const token = operation.attempt_token
  if (token === null) throw new Error('an operation without a token was not claimed')
  const attempt = { id: operation.id, token }
  const lease = holdLease(workshop.catalog, attempt, workshop.shutdown)
  const reporter = reportTo(workshop.catalog, attempt)
  const stagingDir = path.join(workshop.stagingRoot, `${operation.id}-${token.slice(0, 8)}`)
  log.info('an operation begins', { operation: operation.id, kind: operation.kind, attempt: token.slice(0, 8) })
  try {
    await mkdir(stagingDir, { recursive: true, mode: 0o700 })
    const outcome = await outcomeOf(workshop, operation, contextFor(workshop, operation, { token, lease, reporter, stagingDir }), lease.signal)
    await reporter.flush()
    await record(workshop, operation, token, outcome, lease)
    log.info('an operation ended', { operation: operation.id, kind: operation.kind, state: outcome.state, error: outcome.error?.code })
  } catch (error) {
    // the reaper will find the row with its lease out
    log.error('an attempt could not be recorded', { operation: operation.id, reason: asLifeboatError(error).message })
  } finally {
    lease.release()
    await rm(stagingDir, { recursive: true, force: true }).catch((error: unknown) => {
      log.error('a staging directory could not be removed', { directory: stagingDir, reason: asLifeboatError(error).message })
    })
  }
}

function contextFor(
  workshop: Workshop,
  operation: OperationRow,
  attempt: { token: string; lease: Lease; reporter: Reporter; stagingDir: string },
): RunContext {
  const short = attempt.token.slice(0, 8)
  return {
    operationId: operation.id,
    dryRun: operation.dry_run,
    attemptToken: attempt.token,
    attempt: short,
    applicationName: applicationName(operation.id, attempt.token),
    signal: attempt.lease.signal,
    catalog: workshop.catalog,
    keys: workshop.keys,
    tools: workshop.tools,
    stagingDir: attempt.stagingDir,
    progress: (progress) => attempt.reporter.progress(progress),
    log: (message, data) => attempt.reporter.event('log', message, data),
    warn: (message, data) => attempt.reporter.event('warning', message, data),
    async assertCurrent() {
      attempt.lease.signal.throwIfAborted()
      if ((await attemptState(workshop.catalog, operation.id, attempt.token)) === null) {
        throw new LifeboatError('interrupted', 'This attempt is no longer the current one.')
      }
    },
  }
}

/** What every server backend of an attempt carries; at most 63 bytes. */
export function applicationName(operationId: string, token: string): string {
  return `lifeboat/${operationId}/${token.slice(0, 8)}`
}

async function outcomeOf(workshop: Workshop, operation: OperationRow, context: RunContext, signal: AbortSignal): Promise<Outcome> {
  try {
    signal.throwIfAborted()
    const { result, findings } = await workshop.runners[operation.kind](context, operation.input)
    const state = findings.some((one) => one.severity !== 'info') ? 'succeeded_with_findings' : 'succeeded'
    return { state, result, findings, error: null }
  } catch (thrown) {
    // after an abort whatever the run threw is its consequence
    const error = asLifeboatError(signal.aborted ? signal.reason : thrown)
    const state = error.code === 'cancelled' ? 'cancelled' : error.code === 'interrupted' ? 'interrupted' : 'failed'
    const result = thrown instanceof LifeboatError && Object.keys(thrown.detail).length > 0 ? { ...thrown.detail } : null
    if (state === 'failed') log.warn('an operation failed', { operation: operation.id, error: error.code, reason: error.message })
    return { state, result, findings: [], error: error.toJSON() }
  }
}

/** Writes the outcome; while the catalogue is away it tries again until the lease is lost or could be out. */
async function record(workshop: Workshop, operation: OperationRow, token: string, outcome: Outcome, lease: Lease): Promise<void> {
  const attempt = { operationId: operation.id, token, workerId: workshop.workerId }
  for (let tries = 1; ; tries += 1) {
    try {
      await finishOperation(workshop.catalog, attempt, outcome, followUp)
      return
    } catch (error) {
      if (error instanceof LifeboatError || lease.isLost() || tries >= 25) throw error
      await sleep(1_000)
    }
  }
}
