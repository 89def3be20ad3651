import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until the answer is not null or undefined or false; the limit only keeps a broken test from hanging. */
export async function eventually<T>(ask: () => Promise<T | null | undefined | false>, seconds = 60): Promise<T> {
  const until = Date.now() + seconds * 1_000
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (Date.now() > until) throw new Error(`nothing came of it in ${seconds} s: ${ask.toString().slice(0, 200)}`)
    await sleep(100)
  }
}
