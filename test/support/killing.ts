import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { putRight } from '#workers/put-right.ts'
import { reap } from '#workers/reaper.ts'
import { eventually } from './eventually.ts'
import type { KillingOrder } from './killing-entry.ts'
import type { Operating } from './operating.ts'

/** A point that the code names (lib/engine/process/failpoint.ts; `name:3` is the third time), or a time after the operation was claimed. */
export type Kill = { failPoint: string } | { afterMs: number }

export interface Killed {
  /** false: the operation ended before its time had come */
  killed: boolean
  /** from the claim to the end of the process */
  seconds: number
  /** the row after the reaper has been there */
  ended: OperationRow
}

/**
 * Runs one queued operation in a process of its own, freezes that at a named point, lets its lease be over and the reaper put right what it
 * left, then wakes it. Resolves with the row when the process has ended by itself.
 */
export async function runAndFreeze(world: Operating, requested: { id: string }, failPoint: string): Promise<OperationRow> {
  const { child, exit } = await begin(world, requested, `stop@${failPoint}`)
  try {
    await eventually(async () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '))
    await reapNow(world, requested.id)
  } finally {
    child.kill('SIGCONT')
  }
  await exit
  return rowOf(world, requested)
}

/**
 * Runs one queued operation in a process of its own, kills that with SIGKILL, lets its lease be over and the reaper put right what it left.
 * `beforeReap` sees the world as the dead worker left it.
 */
export async function runAndKill(world: Operating, requested: { id: string }, kill: Kill, beforeReap?: () => Promise<void>): Promise<Killed> {
  const { child, exit } = await begin(world, requested, 'failPoint' in kill ? kill.failPoint : null)
  const begunAt = performance.now()
  if ('afterMs' in kill) {
    const waiting = new AbortController()
    await Promise.race([sleep(kill.afterMs, undefined, { signal: waiting.signal }).catch(() => undefined), exit])
    waiting.abort()
    child.kill('SIGKILL')
  }
  const [code, signal] = await exit
  const seconds = (performance.now() - begunAt) / 1000
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the process ended with ${code ?? signal}`)
  if (signal === 'SIGKILL') {
    await beforeReap?.()
    await reapNow(world, requested.id)
  }
  return { killed: signal === 'SIGKILL', seconds, ended: await rowOf(world, requested) }
}

async function rowOf(world: Operating, { id }: { id: string }): Promise<OperationRow> {
  const row = await getOperation(world.catalog, id)
  if (row === null) throw new Error('the operation is gone')
  return row
}

type Exit = Promise<[number | null, NodeJS.Signals | null]>

/** Resolves when the operation is claimed. */
async function begin(world: Operating, requested: { id: string }, failPoint: string | null): Promise<{ child: ChildProcess; exit: Exit }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'killing-entry.ts')], {
    env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', LOG_LEVEL: process.env.WORKER_LOG ?? 'silent' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit') as Exit
  const order: KillingOrder = {
    url: world.url,
    auditKey: world.auditKey.toString('base64'),
    masterKey: world.masterKey.toString('base64'),
    olderMasterKeys: (world.olderMasterKeys ?? []).map((key) => key.toString('base64')),
    stagingRoot: world.stagingRoot,
    operationId: requested.id,
    failPoint,
  }
  child.stdin.end(JSON.stringify(order))
  const begun = once(child.stdout, 'data')
  const first = await Promise.race([begun.then(() => 'begun' as const), exit.then(() => 'ended' as const)])
  if (first === 'ended') throw new Error(`the process ended before it had claimed operation ${requested.id}`)
  return { child, exit }
}

/** The lease of a dead attempt is over, since `secondsAgo`, and one reaper's round follows, as a worker does it. */
export async function reapNow(world: Operating, operationId: string, secondsAgo = 1): Promise<void> {
  const tools = await findTools()
  await world.catalog
    .updateTable('operations')
    .set({ lease_until: sql<Date>`now() - make_interval(secs => ${secondsAgo})` })
    .where('id', '=', operationId)
    .where('state', 'in', ['running', 'cancelling'])
    .execute()
  await reap(world.catalog, (operation) => putRight(world.catalog, { keys: world.keys, tools }, operation))
}

/** For a test with random kills: as many rounds as were asked for take their time. */
export const killTimeout = 120_000 + Number(process.env.LIFEBOAT_TEST_KILLS ?? 2) * 60_000

/**
 * The moments at which a kind of operation is killed, as parts (0 to 1) of what it usually takes. `LIFEBOAT_TEST_KILLS` rounds (2), drawn from
 * `LIFEBOAT_TEST_SEED` or a seed that is printed, so that a failure can be had again.
 */
export function randomKills(what: string): { seed: number; moments: number[] } {
  const rounds = Number(process.env.LIFEBOAT_TEST_KILLS ?? 2)
  const seed = Number(process.env.LIFEBOAT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  process.stdout.write(`${what}: ${rounds} kills, LIFEBOAT_TEST_SEED=${seed}\n`)
  const random = generator(seed)
  return { seed, moments: Array.from({ length: rounds }, random) }
}

/** mulberry32: the same numbers from the same seed on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
