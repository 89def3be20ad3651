import { z } from 'zod'
import { define } from '../definition.ts'

export const holdInput = z.object({
  backupId: z.uuid(),
  backupName: z.string(),
  copyId: z.uuid(),
  storageId: z.uuid(),
  storageName: z.string(),
})

/** Writes beside one copy what holds its backup now. Several at once end alike, so it locks nothing. */
export const holdDefinition = define({
  kind: 'hold',
  input: holdInput,
  permission: () => 'hold.place',
  targetKey: () => null,
  attempts: 3,
  title: (input) => `Write the holds of ${input.backupName} on ${input.storageName}`,
})
