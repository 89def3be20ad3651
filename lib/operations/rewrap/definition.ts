import { z } from 'zod'
import { define } from '../definition.ts'

export const rewrapInput = z.object({
  storageId: z.uuid(),
  storageName: z.string(),
  /** also remove the older key objects, where nothing forbids it */
  forgetOld: z.boolean().default(false),
})

/** Seals the keys of a storage's backups anew: by the newest master key, the recovery key and the KMS key in use. Never touches data. */
export const rewrapDefinition = define({
  kind: 'rewrap',
  input: rewrapInput,
  permission: () => 'key.manage',
  targetKey: (input) => `rewrap:${input.storageId}`,
  attempts: 3,
  title: (input) => `Seal keys anew on ${input.storageName}${input.forgetOld ? ', forget the old' : ''}`,
})
