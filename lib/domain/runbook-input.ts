import { z } from 'zod'
import { runbookOutcomes, runbookScenarios } from './states.ts'

/** Begin the record of a runbook. */
export const runbookRunInput = z.object({ scenario: z.enum(runbookScenarios), databaseId: z.uuid() })
export type RunbookRunInput = z.input<typeof runbookRunInput>

const note = z.string().trim().max(2000).nullable().default(null)

/** One change of it: a step was done, was not done after all, or the whole has ended. */
export const runbookRunChange = z.discriminatedUnion('change', [
  z.object({ change: z.literal('done'), step: z.string().regex(/^[a-z_]{1,60}$/), note, operationId: z.uuid().nullable().default(null) }),
  z.object({ change: z.literal('undone'), step: z.string().regex(/^[a-z_]{1,60}$/) }),
  z.object({ change: z.literal('ended'), outcome: z.enum(runbookOutcomes), note }),
])
export type RunbookRunChange = z.input<typeof runbookRunChange>
