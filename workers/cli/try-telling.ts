import { requestCheck } from '#lib/operations/check/request.ts'
import { printFinished } from './finish.ts'
import { untilFinished } from './follow.ts'
import type { Session } from './session.ts'

/** What the other side answered to a test, in its class and status; returns the exit code. */
export async function tryTelling(session: Session, input: { of: 'channel'; channelId: string } | { of: 'heartbeat' }): Promise<number> {
  const { id } = await requestCheck(session.catalog, session.actor, { input, via: 'cli' })
  const row = await untilFinished(session, id)
  return printFinished(row, (result) => {
    const { ok, answer } = result.check as { ok: boolean; answer: string }
    return `${ok ? 'It arrived' : 'It did not arrive'}. ${answer}`
  })
}
