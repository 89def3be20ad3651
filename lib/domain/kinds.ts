/** The kinds of operation that exist today. A kind is added with one folder in lib/operations; see docs/operations.md. */
export const operationKinds = [
  'check',
  'backup',
  'verify',
  'restore',
  'clone',
  'import',
  'reconcile',
  'prune',
  'copy',
  'hold',
  'undo',
  'rewrap',
] as const
export type OperationKind = (typeof operationKinds)[number]
