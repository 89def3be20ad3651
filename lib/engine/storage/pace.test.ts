import { expect, test } from 'vitest'
import { makePace } from './pace.ts'

function played(bytesPerSecond: number | null, signal = new AbortController().signal) {
  const clock = { at: 0, slept: [] as number[] }
  const pace = makePace(bytesPerSecond, signal, {
    now: () => clock.at,
    async sleep(ms, given) {
      given.throwIfAborted()
      clock.slept.push(ms)
      clock.at += ms
    },
  })
  return { pace, clock }
}

test('reading takes as long as the rate says, whatever the size of the pieces', async () => {
  for (const piece of [10, 700, 5000]) {
    const { pace, clock } = played(1000)
    let bytes = 0
    while (bytes < 50_000) {
      await pace(piece)
      bytes += piece
    }
    // the bucket was full at the start: one second's worth came at once
    expect(clock.at).toBeGreaterThanOrEqual(((bytes - 1000) / 1000) * 1000 - 1)
    expect(clock.at).toBeLessThanOrEqual((bytes / 1000) * 1000 + 1)
  }
})

test('a reader that is slower than the rate is never held up, and saves up no more than a second', async () => {
  const { pace, clock } = played(1000)
  for (let again = 0; again < 20; again += 1) {
    clock.at += 500
    await pace(400)
  }
  expect(clock.slept).toEqual([])
  clock.at += 60_000
  await pace(3000)
  expect(clock.slept).toEqual([2000])
})

test('without a rate nothing waits, and a cancelled reading does not wait on', async () => {
  const free = played(null)
  await free.pace(1e12)
  expect(free.clock.slept).toEqual([])
  const cancelled = new AbortController()
  cancelled.abort(new Error('cancelled'))
  await expect(played(10, cancelled.signal).pace(1000)).rejects.toThrow('cancelled')
})
