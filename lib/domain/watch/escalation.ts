import { z } from 'zod'
import { mailAddress } from './channels.ts'
import { checkKinds, isCheckKind, type Severity } from './check-kinds.ts'

/** MISSION: database administrator, DevOps lead, CTO, external support. */
export const escalationLevels = ['dba', 'devops', 'cto', 'external'] as const
export type EscalationLevel = (typeof escalationLevels)[number]

export const levelTitles = {
  dba: 'Database administrator',
  devops: 'DevOps lead',
  cto: 'CTO',
  external: 'External support',
} satisfies Record<EscalationLevel, string>

/** Minutes after an alert opened as critical or became so, each later than the one before. */
export const escalationPolicy = z
  .object({
    on: z.boolean().default(true),
    minutes: z
      .object({
        dba: z.number().int().min(0).max(10_080).default(15),
        devops: z.number().int().min(0).max(10_080).default(30),
        cto: z.number().int().min(0).max(10_080).default(60),
        external: z.number().int().min(0).max(10_080).default(120),
      })
      .default({ dba: 15, devops: 30, cto: 60, external: 120 }),
  })
  .refine(({ minutes }) => minutes.dba <= minutes.devops && minutes.devops <= minutes.cto && minutes.cto <= minutes.external, {
    message: 'Each level comes no earlier than the one before.',
  })
export type EscalationPolicy = z.output<typeof escalationPolicy>

export interface EscalatingAlert {
  kind: string
  severity: Severity
  /** when it opened as critical, or became so last */
  criticalSince: Date
  acknowledgedAt: Date | null
  resolvedAt: Date | null
  silencedUntil: Date | null
  /** the last level that was told, and when */
  escalatedLevel: EscalationLevel | null
  escalatedAt: Date | null
}

/**
 * Who is told next, and when; null: nobody. Only critical alerts escalate; an acknowledgement, a resolution or a silence stops it, and a
 * silence that ends resumes it. However late a level is told, the next one has its own time after it. Kinds that escalate at once begin with the alert, and the later levels move up by as much. Levels without
 * contacts are passed over, `peopled`: those that have some.
 */
export function nextEscalation(
  alert: EscalatingAlert,
  policy: EscalationPolicy,
  peopled: ReadonlySet<EscalationLevel>,
): { level: EscalationLevel; at: Date } | null {
  if (!policy.on || alert.severity !== 'critical' || alert.acknowledgedAt !== null || alert.resolvedAt !== null) return null
  const told = alert.escalatedLevel === null ? -1 : escalationLevels.indexOf(alert.escalatedLevel)
  const level = escalationLevels.find((one, at) => at > told && peopled.has(one))
  if (level === undefined) return null
  const atOnce = isCheckKind(alert.kind) && 'escalatesAtOnce' in checkKinds[alert.kind]
  const minutes = policy.minutes[level] - (atOnce ? policy.minutes.dba : 0)
  const due = alert.criticalSince.getTime() + minutes * 60_000
  const afterLast =
    alert.escalatedLevel === null || alert.escalatedAt === null
      ? 0
      : alert.escalatedAt.getTime() + (policy.minutes[level] - policy.minutes[alert.escalatedLevel]) * 60_000
  return { level, at: new Date(Math.max(due, afterLast, alert.silencedUntil?.getTime() ?? 0)) }
}

export const contactInput = z
  .object({
    level: z.enum(escalationLevels),
    name: z.string().trim().min(1).max(120),
    email: mailAddress.nullable().default(null),
    phone: z
      .string()
      .trim()
      .regex(/^[+0-9 ()./-]{3,40}$/, 'Digits, spaces and + ( ) . / - only.')
      .nullable()
      .default(null),
    note: z.string().trim().max(500).default(''),
    position: z.number().int().min(0).max(100).default(0),
  })
  .refine((one) => one.email !== null || one.phone !== null, { message: 'A contact needs an e-mail address or a phone number.' })
export type ContactInput = z.output<typeof contactInput>
