import type { Role } from '#lib/domain/permissions.ts'

export function UndoPanel(_props: { operationId: string; role: Role }) {
  return null
}
