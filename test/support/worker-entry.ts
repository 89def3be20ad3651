import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { useAuditKey } from '#lib/catalog/audit-key.ts'
import type { RunContext, RunResult } from '#lib/operations/run-context.ts'
import { startWorker } from '#workers/worker.ts'
import { everyKind } from './every-kind.ts'

// A worker as a process of its own, whose runs do nothing but leave a trace. Arguments: url, staging directory, concurrency.
const [url = '', stagingRoot = '', concurrency = '2'] = process.argv.slice(2)
useAuditKey(Buffer.alloc(32, 7))

/** Sleeps a little, then leaves one row per attempt; a restore into `hang` stays until it is aborted. */
async function leaveTrace(context: RunContext, input: Record<string, unknown>): Promise<RunResult> {
  context.progress({ phase: 'working' })
  await sleep(Math.random() * 400, undefined, { signal: context.signal })
  await sql`INSERT INTO public.traces (operation_id, attempt_token) VALUES (${context.operationId}, ${context.attemptToken})`.execute(context.catalog)
  if (input.targetDbname === 'hang') await sleep(600_000, undefined, { signal: context.signal })
  return { result: { by: process.pid }, findings: [] }
}

const worker = await startWorker({
  url,
  runners: everyKind(leaveTrace),
  concurrency: Number(concurrency),
  stagingRoot,
  healthPort: 0,
  version: 'test',
  machine: async () => ({ keys: null, tools: [], storageIds: [] }),
})
process.stdout.write(`ready ${worker.healthPort}\n`)
process.on('SIGTERM', () => {
  void worker.stop().then(() => process.exit(0))
})
