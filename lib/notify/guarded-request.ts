import type { LookupAddress } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { checkedAddresses, type Resolve } from '#lib/egress/checked-addresses.ts'
import { addressKind } from '#lib/domain/addresses.ts'
import { onlyThese } from '#lib/egress/checked-lookup.ts'
import { connectionProblem } from './connection-problem.ts'

export interface GuardedRequest {
  url: string
  method: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
  /** an admin's consent to http, loopback and private addresses for this target */
  privateAllowed: boolean
  /** it carries a credential: http, though consented to, stays on loopback and in private networks */
  plainStaysPrivate?: true
  signal?: AbortSignal
  /** for everything together: resolving, connecting, the answer; default 10 s */
  deadlineMs?: number
  resolve?: Resolve
  /** of the answer's body; default 512. What is longer is cut, and no longer waited for */
  keepBytes?: number
}

/**
 * `answered`: the other side answered with this status; `text` is the beginning of what it said, for programs to compare with known words, never
 * for people. `failed`: no answer; `reason` in a sentence. `permanent`: it was refused here, before anything was sent.
 */
export type GuardedAnswer =
  | { kind: 'answered'; status: number; retryAfterSeconds: number | null; text: string }
  | { kind: 'failed'; reason: string; permanent: boolean }

const keptByDefault = 512

/**
 * The one way out over HTTP for what Lifeboat tells others: https only unless somebody consented, every address checked before it is connected to,
 * no redirect followed, a deadline over everything. It never throws.
 */
export async function guardedRequest(request: GuardedRequest): Promise<GuardedAnswer> {
  const url = URL.canParse(request.url) ? new URL(request.url) : null
  if (url === null) return refused('The address is not a URL.')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && request.privateAllowed)) {
    return refused('Only https is used, unless somebody has consented to http for this target.')
  }
  if (url.username !== '' || url.password !== '') return refused('The address carries a user name or a password.')
  const deadline = AbortSignal.timeout(request.deadlineMs ?? 10_000)
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
  const late = refusalWhen(signal)
  try {
    const reached = await Promise.race([checkedAddresses(url.hostname, request.privateAllowed, request.resolve), late.settled])
    if (!reached.ok) return { kind: 'failed', reason: reached.reason, permanent: reached.permanent }
    const exposed =
      url.protocol === 'http:' && request.plainStaysPrivate && reached.addresses.some(({ address }) => addressKind(address) === 'public')
    if (exposed) return refused('A credential is not sent over a public network without https.')
    return await Promise.race([exchange(url, request, reached.addresses, signal), late.settled])
  } catch (error) {
    if (deadline.aborted) return { kind: 'failed', reason: 'No answer came in time.', permanent: false }
    if (signal.aborted) return { kind: 'failed', reason: 'It was stopped before an answer came.', permanent: false }
    return { kind: 'failed', reason: connectionProblem(error), permanent: false }
  } finally {
    late.forget()
  }
}

function refused(reason: string): GuardedAnswer {
  return { kind: 'failed', reason, permanent: true }
}

function exchange(url: URL, request: GuardedRequest, addresses: LookupAddress[], signal: AbortSignal): Promise<GuardedAnswer> {
  return new Promise((resolve, reject) => {
    const keepBytes = request.keepBytes ?? keptByDefault
    const body = request.body === undefined ? null : Buffer.from(request.body)
    const sent = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        method: request.method,
        // a connection that was made for another target, or an older answer of its resolver, is never used again
        agent: false,
        lookup: onlyThese(addresses),
        signal,
        headers: { ...request.headers, ...(body === null ? {} : { 'content-length': body.length }), connection: 'close' },
      },
      (answer) => {
        const kept: Buffer[] = []
        let length = 0
        const done = () => {
          answer.destroy()
          resolve({
            kind: 'answered',
            status: answer.statusCode ?? 0,
            retryAfterSeconds: retryAfter(answer.headers['retry-after']),
            text: Buffer.concat(kept).subarray(0, keepBytes).toString('utf8'),
          })
        }
        answer.on('data', (chunk: Buffer) => {
          kept.push(chunk)
          length += chunk.length
          if (length >= keepBytes) done()
        })
        answer.on('end', done)
        answer.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** RFC 9110 10.2.3: seconds, or a date; what cannot be read is passed over. At most a day. */
function retryAfter(value: string | undefined): number | null {
  if (value === undefined) return null
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1_000)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : null
}

function refusalWhen(signal: AbortSignal): { settled: Promise<never>; forget(): void } {
  let forget = () => {}
  const settled = new Promise<never>((_resolve, reject) => {
    const give = () => reject(new Error('aborted'))
    if (signal.aborted) give()
    else {
      signal.addEventListener('abort', give, { once: true })
      forget = () => signal.removeEventListener('abort', give)
    }
  })
  settled.catch(() => {})
  return { settled, forget: () => forget() }
}
