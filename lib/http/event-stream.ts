import { setTimeout as sleep } from 'node:timers/promises'
import { currentActor } from '#lib/auth/current-actor.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listEvents, readOperationState } from '#lib/catalog/views/operations.ts'
import { isFinished } from '#lib/domain/states.ts'
import { log } from '#lib/log.ts'

const everyMs = 500
/** a comment this often keeps proxies from closing an idle stream */
const pingMs = 15_000
/** the session is looked at again this often: signing out or losing a role ends the stream */
const sessionMs = 30_000
/** the browser reconnects by itself and resumes where it was */
const longestMs = 10 * 60_000

/**
 * Follows one operation: `log` for each event after `lastId` (with its id, so that a reconnect resumes), `state` when the operation changed,
 * `end` when it is over and every event was sent. The catalogue is asked twice a second; nothing is kept between two questions.
 */
export function eventStream(request: Request, operationId: string, lastId: number): Response {
  const encoder = new TextEncoder()
  const gone = new AbortController()
  request.signal.addEventListener('abort', () => gone.abort(), { once: true })
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      try {
        send('retry: 2000\n\n')
        await follow(request, operationId, lastId, send, gone.signal)
      } catch (error) {
        if (!gone.signal.aborted)
          log.warn('a stream of events broke', { operationId, reason: error instanceof Error ? error.message : String(error) })
      } finally {
        if (!gone.signal.aborted) controller.close()
      }
    },
    cancel: () => gone.abort(),
  })
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' }
  return new Response(body, { headers })
}

async function follow(request: Request, operationId: string, from: number, send: (text: string) => void, signal: AbortSignal): Promise<void> {
  const begun = Date.now()
  let lastId = from
  let lastState = ''
  let pinged = begun
  let seen = begun
  let actor = await currentActor(request)
  while (!signal.aborted && actor !== null && Date.now() - begun < longestMs) {
    // the state first: events written before the end are then read after it, so none is missed
    const operation = await readOperationState(catalog(), actor, operationId)
    const events = await listEvents(catalog(), actor, operationId, lastId)
    for (const event of events) {
      send(`id: ${event.id}\nevent: log\ndata: ${JSON.stringify(event)}\n\n`)
      lastId = event.id
    }
    const state = JSON.stringify(operation)
    if (state !== lastState) send(`event: state\ndata: ${state}\n\n`)
    lastState = state
    if (isFinished(operation.state) && events.length === 0) return send('event: end\ndata: {}\n\n')
    if (Date.now() - pinged > pingMs) {
      send(': still here\n\n')
      pinged = Date.now()
    }
    if (Date.now() - seen > sessionMs) {
      actor = await currentActor(request)
      seen = Date.now()
    }
    if (!isFinished(operation.state)) await sleep(everyMs, undefined, { signal })
  }
}
