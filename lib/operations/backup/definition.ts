import { z } from 'zod'
import { tiers } from '#lib/domain/states.ts'
import { define } from '../definition.ts'

export const backupInput = z.object({
  databaseId: z.uuid(),
  databaseName: z.string(),
  tier: z.enum(tiers).default('manual'),
  storageIds: z.array(z.uuid()).min(1, 'A backup needs at least one storage.'),
})

/** Takes one recovery point and stores a copy on each storage. Followed by a verify of each copy. */
export const backupDefinition = define({
  kind: 'backup',
  input: backupInput,
  permission: () => 'backup.run',
  // a restore that overwrites holds the database's own key while it waits for its safety backup
  targetKey: (input) => (input.tier === 'safety' ? `safety:${input.databaseId}` : `backup:${input.databaseId}`),
  attempts: 2,
  title: (input) => `Back up ${input.databaseName} (${input.tier})`,
})
