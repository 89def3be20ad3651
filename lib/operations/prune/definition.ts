import { z } from 'zod'
import { define } from '../definition.ts'

export const pruneInput = z.object({
  storageId: z.uuid(),
  storageName: z.string(),
  /** null: of every database */
  databaseId: z.uuid().nullable().default(null),
})

/** Deletes the copies on one storage that the rules let go. A dry run says which, and why. */
export const pruneDefinition = define({
  kind: 'prune',
  input: pruneInput,
  permission: () => 'prune.run',
  targetKey: (input) => `prune:${input.storageId}`,
  attempts: 2,
  title: (input) => `Prune storage ${input.storageName}`,
})
