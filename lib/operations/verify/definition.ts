import { z } from 'zod'
import { define } from '../definition.ts'

export const verifyInput = z.object({
  backupId: z.uuid(),
  backupName: z.string(),
  /** absent: every copy */
  copyIds: z.array(z.uuid()).optional(),
  /** of the verification cycle: read no faster than its setting says, because nobody waits for it */
  paced: z.boolean().default(false),
})

/** Re-reads, authenticates and hashes every stored byte of a backup's copies. */
export const verifyDefinition = define({
  kind: 'verify',
  input: verifyInput,
  permission: () => 'backup.verify',
  targetKey: () => null,
  attempts: 2,
  title: (input) => `Verify ${input.backupName}`,
})
