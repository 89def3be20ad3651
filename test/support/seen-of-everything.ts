import type { Kysely } from 'kysely'
import { recordChecks } from '#lib/catalog/checks.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { writeHeartbeatSettings, writeHeartbeatState } from '#lib/catalog/watch-settings.ts'
import { type CheckKind, checkKindNames, checkKinds } from '#lib/domain/watch/check-kinds.ts'
import { heartbeatSettings, heartbeatState } from '#lib/domain/watch/heartbeat.ts'
import { seenOf, seenOfInstallation } from '#lib/domain/watch/result.ts'

/**
 * Everything that the watch says of the whole installation, of a machine and of a channel, in words that name one database: its checks with their
 * history, their alerts, what the channels and contacts were told, why the heartbeat is withheld, and the log of an operation without a database.
 */
export async function seeEverything(db: Kysely<Catalog>, name: string): Promise<void> {
  const at = new Date()
  const words = `2 checks were not made in time, and what they watch is not known: certificate of ${name} and room of disk.`
  const results = checkKindNames.flatMap((kind) => seen(kind, words))
  await recordChecks(db, at, results)
  const alerts = await db
    .insertInto('alerts')
    .values(
      results.map(({ kind, subject }) => ({
        kind,
        subject,
        subject_name: '',
        severity: 'critical' as const,
        words,
        opened_at: at,
        since: at,
        seen_at: at,
      })),
    )
    .returning('id')
    .execute()
  await db
    .insertInto('alert_events')
    .values(alerts.map(({ id }) => ({ alert_id: id, at, kind: 'opened', words })))
    .execute()
  const channel = await db
    .insertInto('channels')
    .values({ name: 'team', kind: 'webhook', config: JSON.stringify({ host: 'hook.example.com' }) })
    .returning('id')
    .executeTakeFirstOrThrow()
  const content = JSON.stringify({ title: words, tone: 'bad', lead: words, parts: [], href: null, at: at.toISOString(), data: {} })
  await db
    .insertInto('messages')
    .values({
      channel_id: channel.id,
      dedupe_key: 'everything',
      topic: 'alert',
      severity: 'critical',
      alert_ids: alerts.map((one) => one.id),
      content,
    })
    .execute()
  await writeHeartbeatSettings(db, heartbeatSettings.parse({ urlSealed: 'sealed', host: 'beat.example.com' }))
  await writeHeartbeatState(db, heartbeatState.parse({ withheld: words }))
  const operation = await db
    .insertInto('operations')
    .values({ kind: 'verify', title: 'Read back', input: '{}', requested_name: 'x', requested_via: 'system', state: 'succeeded' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('operation_events').values({ operation_id: operation.id, kind: 'warning', message: words }).execute()
}

function seen(kind: CheckKind, words: string) {
  const { subject } = checkKinds[kind]
  const critical = { status: 'critical' as const, words }
  if (subject === 'installation') return [seenOfInstallation(kind, critical)]
  return subject === 'machine' || subject === 'channel' ? [seenOf(kind, { id: 'one', name: 'one' }, critical)] : []
}
