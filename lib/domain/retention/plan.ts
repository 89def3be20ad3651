import type { RetentionInput, RetentionPlan } from './types.ts'

/** Which copies stay, wait and go. */
export function planRetention(input: RetentionInput): RetentionPlan {
  return { at: input.now, copies: [], deletions: [] }
}
