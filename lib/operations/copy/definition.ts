import { z } from 'zod'
import { define } from '../definition.ts'

export const copyInput = z.object({
  backupId: z.uuid(),
  backupName: z.string(),
  /** read first, and what goes when it is moved; null: the most trusted */
  fromCopyId: z.uuid().nullable().default(null),
  storageId: z.uuid(),
  storageName: z.string(),
  /** the copy that it is made from goes, once the new one was read back whole */
  move: z.boolean().default(false),
})

/** Makes a copy of a backup on another storage from its other copies, or makes a bad one good again. Never touches the source database. */
export const copyDefinition = define({
  kind: 'copy',
  input: copyInput,
  permission: (input) => (input.move ? 'copy.move' : 'copy.run'),
  // one at a time for each backup: a second one might move away what the first one reads
  targetKey: (input) => `copy:${input.backupId}`,
  attempts: 2,
  title: (input) => `${input.move ? 'Move' : 'Copy'} ${input.backupName} to ${input.storageName}`,
})
