import { setTimeout as sleep } from 'node:timers/promises'
import { getOperation, listFollowers, type OperationRow } from '#lib/catalog/operations.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { type ErrorCode, errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import { isFinished } from '#lib/domain/states.ts'
import { requestCancel } from '#lib/operations/cancel.ts'
import { reapHere } from './reap-here.ts'
import { size, talk } from './output.ts'
import type { Session } from './session.ts'

/**
 * Brings an operation to its end and returns its row: waits for a worker, or does the work in this process while none is alive.
 * `here`: only this process, under that id, can do it.
 * Ctrl-C asks for its cancellation and waits until that is clean.
 */
export async function untilFinished(session: Session, id: string, here?: { workerId: string }): Promise<OperationRow> {
  await untilPredecessorsFinished(session, id)
  const onSignal = () => {
    talk('Cancelling; the work is being put away cleanly.')
    requestCancel(session.catalog, session.actor, id).catch((error: unknown) => talk(String(error)))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const inline: { work: Promise<unknown> | null; failed: unknown } = { work: null, failed: undefined }
  try {
    for (let round = 0, said = ''; ; round += 1) {
      const row = await getOperation(session.catalog, id)
      if (row === null) throw new LifeboatError('not_found', 'The operation is gone.')
      if (inline.failed !== undefined) throw inline.failed
      if (row.state === 'queued' && row.approval === 'needed') throw waitsForApproval(row)
      if (isFinished(row.state)) return row
      const now = progressLine(row)
      if (now !== said) talk(now)
      said = now
      // asked every two seconds: a worker that was killed counts as alive for a while
      if (inline.work === null && round % 8 === 0 && (here !== undefined || !(await someWorkerIsAlive(session)))) {
        if (row.state === 'queued') {
          if (here === undefined) talk('No worker is alive: doing the work here.')
          // only now: engine and storages take a second to load, and most commands never need them
          const { runInline } = await import('../run-inline.ts')
          inline.work = runInline(session.catalog, id, here).catch((error: unknown) => {
            inline.failed = error
          })
        } else await reapHere(session) // nobody else would notice that the worker which had it died
      }
      await sleep(250)
    }
  } finally {
    await inline.work
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** What it waits for (a safety backup, then its verify) is brought to its end first; that may put another in its place. */
async function untilPredecessorsFinished(session: Session, id: string): Promise<void> {
  for (let done: string | null = null; ; ) {
    const row = await getOperation(session.catalog, id)
    if (row === null || row.state !== 'queued' || row.after === null || row.after === done) return
    const before = await getOperation(session.catalog, row.after)
    if (before !== null && !isFinished(before.state)) await untilFinished(session, before.id)
    done = row.after
  }
}

function waitsForApproval(row: OperationRow): LifeboatError {
  return new LifeboatError(
    'unavailable',
    `"${row.title}" waits for a second person’s word.`,
    `Nothing was touched. Another admin runs: lifeboat operations approve ${row.id}`,
    { detail: { operationId: row.id } },
  )
}

/** The operations that follow by rule (a backup's verify), brought to their end as well. */
export async function untilFollowersFinished(session: Session, id: string): Promise<OperationRow[]> {
  const finished: OperationRow[] = []
  for (const follower of await listFollowers(session.catalog, id)) {
    talk(`${follower.title} …`)
    finished.push(isFinished(follower.state) ? follower : await untilFinished(session, follower.id))
  }
  return finished
}

async function someWorkerIsAlive(session: Session): Promise<boolean> {
  return (await listLiveWorkers(session.catalog)).length > 0
}

function progressLine(row: OperationRow): string {
  const { phase, doneBytes, totalBytes } = row.progress as { phase?: string; doneBytes?: number; totalBytes?: number }
  const bytes = doneBytes === undefined ? '' : totalBytes === undefined ? ` ${size(doneBytes)}` : ` ${size(doneBytes)} of ${size(totalBytes)}`
  return phase === undefined ? `${row.title}: ${row.state}` : `${row.title}: ${phase}${bytes}`
}

/** The contract's `operation` object. */
export function operationJson(row: OperationRow): Record<string, unknown> {
  const seconds = row.started_at && row.finished_at ? (row.finished_at.getTime() - row.started_at.getTime()) / 1000 : null
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    durationSeconds: seconds,
    findings: row.findings,
  }
}

/** CONTRACT.md, "Exit codes", for a finished operation. */
export function exitCodeOf(row: OperationRow): number {
  const result = (row.result ?? {}) as { plan?: { blocked: boolean }; verdict?: string; restore?: { outcome: string } }
  if (row.state === 'cancelled') return 130
  if (row.state === 'interrupted') return 75
  if (row.state === 'failed') return errorCodes[(row.error?.code ?? 'failed') as ErrorCode]?.exit ?? 1
  if (row.dry_run) return result.plan?.blocked ? 5 : 0
  if (result.restore !== undefined) return result.restore.outcome === 'completed' ? 0 : result.restore.outcome === 'completed_with_losses' ? 3 : 1
  if (result.verdict !== undefined) return result.verdict === 'valid' ? 0 : 3
  return row.state === 'succeeded' ? 0 : 3
}

/** An operation that did not come to its end, as an error; null otherwise. */
export function errorOf(row: OperationRow): LifeboatError | null {
  if (row.state === 'succeeded' || row.state === 'succeeded_with_findings') return null
  const code = row.state === 'failed' ? (row.error?.code ?? 'failed') : row.state
  return new LifeboatError(
    (code in errorCodes ? code : 'failed') as ErrorCode,
    row.error?.message ?? `The operation is ${row.state}.`,
    row.error?.hint ?? '',
  )
}
