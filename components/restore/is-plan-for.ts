import { z } from 'zod'
import type { OperationView } from '#lib/domain/views.ts'
import { requestOf } from './act-request.ts'
import type { WizardAddress } from './wizard-address.ts'

/** What both inputs have; what the request adds by itself (names, defaults) is not compared. */
const operationInput = z.object({
  backupId: z.string().optional(),
  databaseId: z.string().optional(),
  scope: z.string().default('full'),
  way: z.string().default('new'),
  targetDbname: z.string().optional(),
  serverDatabaseId: z.string().nullable().default(null),
  missingRoles: z.string().default('refuse'),
  roleMap: z.record(z.string(), z.string()).default({}),
  force: z.boolean().default(false),
  undoHours: z.number().optional(),
  dropDependents: z.boolean().optional(),
  schema: z.string().optional(),
  table: z.string().optional(),
  rows: z.string().optional(),
})
const notCompared = new Set(['dryRun', 'fingerprint', 'confirmation'])

/** A dry run counts only for the very answers that it was made for. */
export function isPlanFor(
  operation: (Pick<OperationView, 'kind' | 'dryRun'> & { input: Record<string, unknown> }) | null,
  address: WizardAddress,
): boolean {
  const wanted = requestOf(address, null)
  if (operation === null || operation.kind !== wanted.kind || !operation.dryRun) return false
  const input = operationInput.safeParse(operation.input)
  if (!input.success) return false
  const made: Record<string, unknown> = input.data
  return Object.entries(wanted.body).every(([key, value]) => notCompared.has(key) || JSON.stringify(made[key]) === JSON.stringify(value))
}
