'use client'

import { useRef, useState } from 'react'
import { ApiError, type Problem } from '#lib/client/api.ts'

/**
 * Starts an act once, however often it is pressed: presses while one is under way do nothing, and a retry after a lost answer
 * carries the same Idempotency-Key. After a refusal the next press is a new request.
 */
export function useStart<Args extends unknown[], Answer>(
  act: (idempotencyKey: string, ...args: Args) => Promise<Answer>,
  onStarted: (answer: Answer) => void,
) {
  const key = useRef<string | null>(null)
  const busy = useRef(false)
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)

  async function start(...args: Args): Promise<void> {
    if (busy.current) return
    busy.current = true
    key.current ??= crypto.randomUUID()
    setPending(true)
    setProblem(null)
    try {
      const answer = await act(key.current, ...args)
      key.current = null
      onStarted(answer)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.problem.status !== 0) key.current = null
      setProblem(error.problem)
    } finally {
      busy.current = false
      setPending(false)
    }
  }

  return { start, pending, problem, forget: () => setProblem(null) }
}
