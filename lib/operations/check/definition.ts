import { z } from 'zod'
import type { Permission } from '#lib/domain/permissions.ts'
import { define } from '../definition.ts'

/** Looks at one thing and says how it is: a registered database or storage, a connection that is about to be registered, or a way to tell people. */
export const checkInput = z.discriminatedUnion('of', [
  z.object({ of: z.literal('database'), databaseId: z.uuid(), name: z.string().optional() }),
  z.object({ of: z.literal('storage'), storageId: z.uuid(), name: z.string().optional() }),
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
  z.object({ of: z.literal('channel'), channelId: z.uuid(), name: z.string().optional() }),
  z.object({ of: z.literal('heartbeat') }),
])

export const checkDefinition = define({
  kind: 'check',
  input: checkInput,
  permission: (input) => checkPermissions[input.of],
  targetKey: () => null,
  attempts: 1,
  title: (input) => `Check ${subjectOf(input)}`,
})

const checkPermissions = {
  database: 'check.run',
  storage: 'check.run',
  new_database: 'database.write',
  new_storage: 'storage.write',
  channel: 'watch.write',
  heartbeat: 'watch.write',
} as const satisfies Record<z.output<typeof checkInput>['of'], Permission>

function subjectOf(input: z.output<typeof checkInput>): string {
  switch (input.of) {
    case 'database':
    case 'storage':
      return input.name === undefined ? input.of : `${input.of} ${input.name}`
    case 'channel':
      return `channel ${input.name ?? ''}`.trimEnd()
    case 'heartbeat':
      return 'outbound heartbeat'
    case 'new_database':
      return `new database ${input.dbname} on ${input.host}:${input.port}`
    case 'new_storage': {
      const { path, bucket } = input.config
      return `new storage ${typeof path === 'string' ? path : typeof bucket === 'string' ? bucket : ''}`.trimEnd()
    }
  }
}
