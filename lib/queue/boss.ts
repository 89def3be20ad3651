import { PgBoss } from 'pg-boss'
import { sessionOptions } from '#lib/catalog/pool.ts'
import { log } from '#lib/log.ts'

/** The one queue. A job is a doorbell: `{operationId}`; the operations row decides. */
export const queueName = 'operations'
export const queueSchema = 'pgboss'

export interface Bell {
  operationId: string
}

/** Creates or upgrades the queue's tables, as the application's role. Part of the migrate verb; safe to race. */
export async function ensureQueue(ownerUrl: string): Promise<void> {
  const boss = newBoss(ownerUrl, { migrate: true, listen: false })
  await boss.start()
  try {
    // `short`: at most one waiting bell per operation, so ringing again costs nothing. `notify` and `useListenNotify` are both needed.
    // A handler only claims, so a minute is generous; pg-boss's own default of two retries would ring for a finished claim.
    await boss.createQueue(queueName, { policy: 'short', notify: true, expireInSeconds: 60, retryLimit: 0, deleteAfterSeconds: 3_600 })
  } finally {
    await boss.stop({ graceful: false })
  }
}

export interface Doorbell {
  /** Calls `onRing` for each bell; resolves when listening. */
  answer(onRing: (operationId: string) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Opens the listening side, for workers. Holds its own connections; they reconnect by themselves. */
export async function openBoss(url: string): Promise<Doorbell> {
  const boss = newBoss(url, { migrate: false, listen: true })
  await boss.start()
  return {
    async answer(onRing) {
      await boss.work<Bell>(queueName, { batchSize: 1, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 5 }, async (jobs) => {
        for (const job of jobs) await onRing(job.data.operationId)
      })
    },
    async close() {
      await boss.stop({ graceful: false })
    },
  }
}

function newBoss(url: string, mode: { migrate: boolean; listen: boolean }): PgBoss {
  const boss = new PgBoss({
    connectionString: url,
    options: sessionOptions('app'),
    application_name: 'lifeboat queue',
    schema: queueSchema,
    createSchema: false,
    migrate: mode.migrate,
    schedule: false,
    supervise: mode.listen,
    superviseIntervalSeconds: 60,
    useListenNotify: mode.listen,
    max: 3,
  })
  boss.on('error', (error) => log.warn('the queue reported an error', { reason: error.message }))
  boss.on('warning', (warning) => log.warn('the queue warned', { reason: warning.message }))
  return boss
}
