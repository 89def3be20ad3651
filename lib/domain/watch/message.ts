import { z } from 'zod'

/** What a channel can be told of. `escalation`, `digest` and `test` go where they are addressed, whatever the channel chose. */
export const topics = ['alert', 'recovered', 'backup_succeeded', 'backup_failed', 'restore', 'digest', 'escalation', 'test'] as const
export type Topic = (typeof topics)[number]
/** Those that a person chooses for a channel. `backup_failed`: each failed attempt, also while its alert is open. */
export const chosenTopics = ['alert', 'recovered', 'backup_succeeded', 'backup_failed', 'restore'] as const satisfies readonly Topic[]
export type ChosenTopic = (typeof chosenTopics)[number]

/**
 * A message before any channel made it its own: plain text throughout, each channel escapes for itself. What stands in `messages.content`.
 */
export const messageContent = z.object({
  /** one line without line breaks: the subject of a mail */
  title: z.string(),
  tone: z.enum(['critical', 'warning', 'good', 'info']),
  /** what happened, in a sentence or two */
  lead: z.string(),
  parts: z.array(z.object({ heading: z.string(), lines: z.array(z.string()), href: z.string().nullable() })),
  /** an absolute address, or a path of the console where its address is not known; null: there is nothing to open */
  href: z.string().nullable(),
  /** ISO 8601 */
  at: z.string(),
  /** for programs: what a webhook gets besides */
  data: z.record(z.string(), z.unknown()).default({}),
})
export type MessageContent = z.output<typeof messageContent>
