import type { OperationView } from '#lib/domain/views.ts'
import { defaultUndoHours, readAddress, wizardHref } from './wizard-address.ts'

type Asked = Pick<OperationView, 'id' | 'kind' | 'dryRun' | 'backupId'> & { input: Record<string, unknown> }

/** The wizard with the answers that a restore or clone was made of: a dry run is gone on with, a finished one is planned anew. */
export function wizardOf({ id, kind, dryRun, backupId, input }: Asked): string {
  const text = (key: string) => (typeof input[key] === 'string' ? input[key] : '')
  const clone = kind === 'clone'
  const way = clone ? 'clone' : text('way') || 'new'
  const elsewhere = text('serverDatabaseId')
  const happened = input.scope === 'table' ? 'table' : clone || (way === 'new' && elsewhere !== '') ? 'move' : 'database'
  const address = readAddress({
    happened,
    way,
    backup: clone ? '' : (backupId ?? text('backupId')),
    database: clone ? text('databaseId') : '',
    server: elsewhere,
    name: way === 'new' || clone ? text('targetDbname') : '',
    schema: text('schema'),
    table: text('table'),
    rows: text('rows'),
    undo: String(input.undoHours ?? defaultUndoHours),
    dependents: input.dropDependents === true ? 'yes' : '',
    roles: text('missingRoles'),
    map: JSON.stringify(input.roleMap ?? {}),
    force: input.force === true ? 'yes' : '',
    plan: dryRun ? id : '',
  })
  return wizardHref(address, dryRun ? 'dry-run' : clone ? 'target' : 'point')
}
