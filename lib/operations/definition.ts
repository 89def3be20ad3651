import type { z } from 'zod'
import type { OperationKind } from '#lib/domain/kinds.ts'
import type { Permission } from '#lib/domain/permissions.ts'

/** What a worker must have before it may claim an operation. */
export interface Needs {
  /** pg_dump and pg_restore of at least this major */
  serverMajor?: number
  /** the key that sealed the backup */
  keyId?: string
  /** local storages that must be mounted on the worker's host */
  storageIds?: string[]
  /** one process and no other, for what only that one sees */
  workerId?: string
}

/** The half of an operation that web, CLI and worker share. Imports no engine code, so none reaches the web's bundle. */
export interface OperationDefinition<Kind extends OperationKind, Input extends z.ZodType> {
  kind: Kind
  input: Input
  permission: (input: z.output<Input>) => Permission
  /** The lock: at most one open, writing operation per key. null: none. A dry run never takes it. */
  targetKey: (input: z.output<Input>) => string | null
  /** attempts in all; 1: never retried by itself (restores, clones, drills) */
  attempts: number
  /** title for lists: names the act and the object; a dry run says so after it */
  title: (input: z.output<Input>) => string
}

export function define<Kind extends OperationKind, Input extends z.ZodType>(
  definition: OperationDefinition<Kind, Input>,
): OperationDefinition<Kind, Input> {
  return definition
}
