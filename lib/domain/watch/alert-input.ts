import { z } from 'zod'

/** Who acknowledges says what is being done: the next reader starts from there. */
export const acknowledgeInput = z.object({ note: z.string().trim().min(1, 'Say what is being done about it.').max(2_000) })
export type AcknowledgeInput = z.output<typeof acknowledgeInput>

/** At most a week; 0 ends it. */
export const silenceInput = z
  .object({ minutes: z.number().int().min(0).max(10_080), reason: z.string().trim().max(2_000).default('') })
  .refine(({ minutes, reason }) => minutes === 0 || reason !== '', { message: 'Say why nobody needs to hear of it.', path: ['reason'] })
export type SilenceInput = z.output<typeof silenceInput>
