import { z } from 'zod'

/** What a person asks for: a file in the worker's own directory for imports, by its name alone. */
export const importRequestInput = z.object({
  /** whose backup the file becomes */
  databaseId: z.uuid(),
  file: z.string().regex(/^[A-Za-z0-9_][\w.+-]{0,199}$/, 'Name the file alone, without a directory.'),
  /** absent or empty: every storage */
  storageIds: z.array(z.uuid()).max(50).default([]),
  dryRun: z.boolean().default(false),
  force: z.boolean().default(false),
})
