import { z } from 'zod'

/**
 * The outbound heartbeat: a service of the user's choice hears of Lifeboat after each healthy cycle, and calls when it hears nothing. Its
 * address is a secret: whoever knows it can pretend that all is well. Stands in `settings` under `heartbeat`.
 */
export const heartbeatSettings = z.object({
  /** sealed to the workers' key; null: there is none */
  urlSealed: z.string().nullable().default(null),
  /** for people */
  host: z.string().default(''),
  everySeconds: z.number().int().min(60).max(3600).default(300),
  /** an admin's consent to http, loopback and private addresses */
  privateAllowed: z.boolean().default(false),
  /** also silent while a critical alert is open */
  silentWhileCritical: z.boolean().default(false),
})
export type HeartbeatSettings = z.output<typeof heartbeatSettings>

/** The last one that arrived is not older than this while they are sent, in milliseconds; services are told to wait for three as well. */
export function heartbeatOverdueMs({ everySeconds }: Pick<HeartbeatSettings, 'everySeconds'>): number {
  return Math.max(3 * everySeconds * 1_000, 10 * 60_000)
}

/** What became of the last one, under `heartbeat_state`. Times ISO 8601. */
export const heartbeatState = z.object({
  lastTriedAt: z.string().nullable().default(null),
  lastOkAt: z.string().nullable().default(null),
  failingSince: z.string().nullable().default(null),
  problem: z.string().nullable().default(null),
  /** why none was sent although one was due; null: it was */
  withheld: z.string().nullable().default(null),
})
export type HeartbeatState = z.output<typeof heartbeatState>

/** What a person sets; `url` left out: the one that is stored stays. */
export const heartbeatInput = z.object({
  url: z.string().trim().max(2_000).optional(),
  everySeconds: heartbeatSettings.shape.everySeconds,
  privateAllowed: heartbeatSettings.shape.privateAllowed,
  silentWhileCritical: heartbeatSettings.shape.silentWhileCritical,
})
export type HeartbeatInput = z.output<typeof heartbeatInput>
