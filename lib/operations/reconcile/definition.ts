import { z } from 'zod'
import { define } from '../definition.ts'

export const reconcileInput = z.object({
  storageId: z.uuid(),
  storageName: z.string(),
  /** also create catalogue rows for backups that only the storage knows (`catalog rebuild`) */
  adopt: z.boolean().default(false),
  /** not the whole storage: one thing that an earlier look found */
  remedy: z.object({ action: z.enum(['adopt', 'remove', 'abort']), path: z.string() }).optional(),
})

const acts = {
  adopt: (path: string, storage: string) => `Adopt ${path} from ${storage}`,
  remove: (path: string, storage: string) => `Remove what is left of ${path} on ${storage}`,
  abort: (path: string, storage: string) => `Abort the unfinished uploads of ${path} on ${storage}`,
}

/** Compares a storage with the catalogue: sweeps unfinished uploads, marks missing copies, reports or adopts unknown backups. */
export const reconcileDefinition = define({
  kind: 'reconcile',
  input: reconcileInput,
  permission: () => 'storage.reconcile',
  targetKey: (input) => `reconcile:${input.storageId}`,
  attempts: 2,
  title: ({ remedy, storageName }) => (remedy === undefined ? `Reconcile storage ${storageName}` : acts[remedy.action](remedy.path, storageName)),
})
