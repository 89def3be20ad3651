import { z } from 'zod'
import { define } from '../definition.ts'

/** Looks at one thing and says how it is: a registered database or storage, or a connection that is about to be registered. */
export const checkInput = z.discriminatedUnion('of', [
  z.object({ of: z.literal('database'), databaseId: z.uuid() }),
  z.object({ of: z.literal('storage'), storageId: z.uuid() }),
  z.object({
    of: z.literal('new_database'),
    /** the id that it will have: the sealed password is bound to it */
    databaseId: z.uuid(),
    host: z.string().min(1),
    port: z.number().int(),
    dbname: z.string().min(1),
    username: z.string().min(1),
    passwordSealed: z.string().nullable(),
    sslMode: z.enum(['verify-full', 'disable']),
    caPem: z.string().nullable(),
  }),
  z.object({
    of: z.literal('new_storage'),
    /** the id that its marker will hold */
    storageId: z.uuid(),
    kind: z.enum(['local', 's3']),
    config: z.record(z.string(), z.unknown()),
    secretSealed: z.string().nullable(),
  }),
])

export const checkDefinition = define({
  kind: 'check',
  input: checkInput,
  permission: (input) => (input.of === 'new_database' ? 'database.write' : input.of === 'new_storage' ? 'storage.write' : 'check.run'),
  targetKey: () => null,
  attempts: 1,
  title: (input) => (input.of.endsWith('storage') ? 'Check storage' : 'Check database'),
})
