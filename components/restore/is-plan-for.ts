import { z } from 'zod'
import type { OperationView } from '#lib/domain/views.ts'
import type { WizardAddress } from './wizard-address.ts'

const restoreInput = z.object({
  backupId: z.string(),
  targetDbname: z.string(),
  serverDatabaseId: z.string().nullable().default(null),
  missingRoles: z.string().default('refuse'),
  force: z.boolean().default(false),
})

/** A dry run counts only for the very answers that it was made for. */
export function isPlanFor(
  operation: (Pick<OperationView, 'kind' | 'dryRun'> & { input: Record<string, unknown> }) | null,
  address: WizardAddress,
): boolean {
  if (operation === null || operation.kind !== 'restore' || !operation.dryRun) return false
  const input = restoreInput.safeParse(operation.input)
  return (
    input.success &&
    input.data.backupId === address.backup &&
    input.data.targetDbname === address.name &&
    input.data.serverDatabaseId === address.server &&
    input.data.missingRoles === address.roles &&
    input.data.force === address.force
  )
}
