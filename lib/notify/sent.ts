/**
 * What became of one attempt to tell somebody. `answer` is the truth in a sentence: what the other side said, as a class and a status, never its
 * text, never an address that is a secret.
 */
export interface Sent {
  ok: boolean
  answer: string
  /** the other side asked for this long a pause; null: it did not */
  retryAfterSeconds: number | null
  /** the same message to the same place cannot succeed before somebody changes something */
  permanent: boolean
  /** this message alone was refused: the next one may well go out */
  onlyThis: boolean
  /** it may be for the addresses that it goes to: what is for others may well go out through the same channel */
  onlyTo: boolean
}

export function delivered(answer: string): Sent {
  return { ok: true, answer, retryAfterSeconds: null, permanent: false, onlyThis: false, onlyTo: false }
}

export function notDelivered(answer: string, more: Partial<Omit<Sent, 'ok' | 'answer'>> = {}): Sent {
  return { ok: false, answer, retryAfterSeconds: null, permanent: false, onlyThis: false, onlyTo: false, ...more }
}
