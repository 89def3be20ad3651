import type { GuardedAnswer } from './guarded-request.ts'
import { delivered, notDelivered, type Sent } from './sent.ts'

/** What an HTTP answer means for a message. RFC 9110 section 15. `who`: 'Slack', 'The webhook', … */
export function sentByHttp(answer: GuardedAnswer, who: string): Sent {
  if (answer.kind === 'failed') return notDelivered(answer.reason, { permanent: answer.permanent })
  const { status, retryAfterSeconds } = answer
  if (status >= 200 && status < 300) return delivered(`${who} took it (${status}).`)
  if (status >= 300 && status < 400) return notDelivered(`${who} sent us elsewhere (${status}); redirects are never followed.`, { permanent: true })
  if (status === 429) return notDelivered(`${who} asks for fewer messages (429).`, { retryAfterSeconds })
  if (status === 401 || status === 403) return notDelivered(`${who} refused the credentials (${status}).`, { permanent: true })
  if (status === 404 || status === 410) return notDelivered(`${who} says that this address does not exist (${status}).`, { permanent: true })
  if (status === 400 || status === 413 || status === 422) return notDelivered(`${who} refused this message (${status}).`, { onlyThis: true })
  if (status >= 500) return notDelivered(`${who} failed (${status}).`, { retryAfterSeconds })
  return notDelivered(`${who} answered ${status}.`, { retryAfterSeconds })
}
