import { updateChannel, wakeMessages } from '#lib/catalog/channels.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { readHeartbeatSettings, readHeartbeatState, writeHeartbeatState } from '#lib/catalog/watch-settings.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { MessageContent } from '#lib/domain/watch/message.ts'
import { sendHeartbeat } from '#lib/notify/heartbeat.ts'
import { send } from '#lib/notify/send.ts'
import type { Sent } from '#lib/notify/sent.ts'
import { heartbeatUrlPlace } from '#lib/secrets/places.ts'
import { requireKeys } from '../run/connection-for.ts'
import { openChannel } from '../run/open-channel.ts'
import { openSealed } from '../run/open-sealed.ts'
import type { RunContext, RunResult } from '../run-context.ts'

/** What a test button shows: the true answer of the other side. Kept with the check's operation under `check`. */
export interface TriedTelling {
  of: 'channel' | 'heartbeat'
  ok: boolean
  /** a sentence: class and status, never the other side's own words */
  answer: string
}

/** Sends a real message through the channel. What comes of it counts: a channel that answers again is tried for everything that waits. */
export async function tryChannel(context: RunContext, channelId: string): Promise<RunResult> {
  const { catalog } = context
  const row = await catalog.selectFrom('channels').selectAll().where('id', '=', channelId).where('removed_at', 'is', null).executeTakeFirst()
  if (row === undefined) throw new LifeboatError('not_found', 'This channel was removed.')
  context.progress({ phase: `sending a test message through ${row.name}` })
  const opened = openChannel(row, requireKeys(context))
  const at = await catalogueNow(catalog)
  const sent = await send(opened, testMessage(row.name, at), {
    messageId: `lifeboat-test-${context.operationId}`,
    topic: 'test',
    severity: null,
    baseUrl: null,
    now: new Date(),
    signal: context.signal,
  })
  await context.assertCurrent()
  const now = await catalogueNow(catalog)
  await updateChannel(catalog, channelId, {
    last_tried_at: now,
    ...(sent.ok ? { last_ok_at: now, failing_since: null, problem: null } : { problem: sent.answer, failing_since: row.failing_since ?? now }),
  })
  if (sent.ok) await wakeMessages(catalog, channelId, now)
  return reported('channel', sent)
}

/** Sends the heartbeat whatever the state of the watch: it is the way that is tried. */
export async function tryHeartbeat(context: RunContext): Promise<RunResult> {
  const { catalog } = context
  const settings = await readHeartbeatSettings(catalog)
  if (settings.urlSealed === null) throw new LifeboatError('not_found', 'No service is set up that would hear of it.')
  context.progress({ phase: `asking ${settings.host}` })
  const url = openSealed(settings.urlSealed, requireKeys(context), heartbeatUrlPlace())
  const sent = await sendHeartbeat(url, { ...settings, signal: context.signal })
  await context.assertCurrent()
  const state = await readHeartbeatState(catalog)
  const now = (await catalogueNow(catalog)).toISOString()
  await writeHeartbeatState(catalog, {
    ...state,
    lastTriedAt: now,
    ...(sent.ok ? { lastOkAt: now, failingSince: null, problem: null } : { failingSince: state.failingSince ?? now, problem: sent.answer }),
  })
  return reported('heartbeat', sent)
}

function reported(of: TriedTelling['of'], { ok, answer }: Sent): RunResult {
  const check: TriedTelling = { of, ok, answer }
  const remedy = 'Change its address, or put the other side right, and try again.'
  return {
    result: { check },
    findings: ok ? [] : [{ severity: 'blocker', code: 'not_delivered', message: answer, remedy, overridable: false }],
  }
}

function testMessage(channel: string, at: Date): MessageContent {
  return {
    title: 'A test from Lifeboat',
    tone: 'info',
    lead: `Somebody pressed the test button of the channel ${channel}. Alerts arrive like this one.`,
    parts: [],
    href: null,
    at: at.toISOString(),
    data: {},
  }
}
