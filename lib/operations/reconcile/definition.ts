import { z } from 'zod'
import { define } from '../definition.ts'

export const reconcileInput = z.object({
  storageId: z.uuid(),
  storageName: z.string(),
  /** also create catalogue rows for backups that only the storage knows (`catalog rebuild`) */
  adopt: z.boolean().default(false),
})

/** Compares a storage with the catalogue: sweeps unfinished uploads, marks missing copies, reports or adopts unknown backups. */
export const reconcileDefinition = define({
  kind: 'reconcile',
  input: reconcileInput,
  permission: () => 'storage.reconcile',
  targetKey: (input) => `reconcile:${input.storageId}`,
  attempts: 2,
  title: (input) => `Reconcile storage ${input.storageName}`,
})
