import { z } from 'zod'
import { define } from '../definition.ts'

export const importInput = z.object({
  /** whose backup the file becomes */
  databaseId: z.uuid(),
  databaseName: z.string(),
  storageIds: z.array(z.uuid()).min(1, 'A backup needs at least one storage.'),
  /** `machine`: a path on the machine of whoever runs the command; `imports`: a name in the worker's own directory for imports */
  place: z.enum(['machine', 'imports']),
  file: z.string().min(1).max(4096),
  /** a file whose first line is the old key; null: ENCRYPTION_KEY of the process that does the work */
  keyFile: z.string().max(4096).nullable().default(null),
  /** overrides findings that may be overridden */
  force: z.boolean().default(false),
})
export type ImportInput = z.output<typeof importInput>

/** Carries a file of the older scripts out on a private server and seals the result as a backup. Never retried by itself. */
export const importDefinition = define({
  kind: 'import',
  input: importInput,
  permission: () => 'import.run',
  targetKey: (input) => `import:${input.databaseId}`,
  attempts: 1,
  title: (input) => `Import ${input.file.slice(input.file.lastIndexOf('/') + 1)} as a backup of ${input.databaseName}`,
})
