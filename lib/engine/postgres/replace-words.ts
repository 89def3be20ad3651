import type { BackupTable, SequenceState } from './backup-table.ts'
import { keysToDrop } from './replace-keys.ts'
import { type LiveTable, nameOf } from './live-table.ts'
import { newColumns } from './replace-columns.ts'
import type { RowsMode } from './replace-types.ts'
import type { Firing, OwnedSequence, TableDependencies } from './table-dependencies.ts'

type Line = { object: string; what: string }

const firing = { O: 'on', D: 'off', R: 'on replicas only', A: 'always on' } as const satisfies Record<Firing, string>

/** Each object that hangs on the table, and what happens to it, in words for the plan. */
export function dependencyLines(found: TableDependencies, live: LiveTable, backup: BackupTable, rows: RowsMode): Line[] {
  const lines: Line[] = []
  const add = (object: string, what: string) => lines.push({ object, what })
  const dropped = new Set(keysToDrop(found.foreignKeys, live, rows))
  for (const key of found.foreignKeys) {
    const object = `foreign key ${key.name} of ${nameOf(key.from)} to ${nameOf(key.to)}`
    if (!dropped.has(key))
      add(object, key.outgoing ? 'Stays; every row that comes in is held against it.' : 'Stays: no value that it refers to changes.')
    else if (key.validated)
      add(object, 'Is dropped and made again in the same transaction, with every row checked; what it does on DELETE or UPDATE does not happen.')
    else add(object, 'Is dropped and made again in the same transaction; it stays NOT VALID.')
  }
  for (const { name, firing: state } of found.triggers) {
    add(`trigger ${name}`, state === 'D' ? 'Is off, and stays so.' : `Does not fire; is ${firing[state]} again afterwards.`)
  }
  for (const { name, firing: state } of found.rules) {
    add(`rule ${name}`, state === 'D' ? 'Is off, and stays so.' : `Is not followed; is ${firing[state]} again afterwards.`)
  }
  for (const view of found.views) {
    const what = view.materialized ? 'Stays with the rows that it holds: it is not refreshed.' : 'Stays, and shows the rows as they are then.'
    add(`${view.materialized ? 'materialized view' : 'view'} ${view.schema}.${view.name}`, what)
  }
  if (found.privileges.length > 0) add('privileges', `${found.privileges.length} grants stay as they are live.`)
  for (const { name } of found.policies) add(`policy ${name}`, 'Stays; it is not applied to the rows that come in.')
  if (found.rowSecurity || found.rowSecurityForced) {
    add('row security', `Stays on${found.rowSecurityForced ? ', also for the owner' : ''}; it is not applied to the rows that come in.`)
  }
  for (const sequence of found.sequences) add(`sequence ${sequence.schema}.${sequence.name}`, sequenceWords(sequence, backup))
  for (const one of found.publications) add(`publication ${one.name}`, publicationWords(one, rows))
  if (found.subscriptions > 0) add('subscriptions', 'What they write into the table comes on top of the backup’s rows afterwards.')
  for (const parent of found.parents) {
    add(`${parent.partitioned ? 'partitioned' : 'parent'} table ${nameOf(parent)}`, 'Stays; it shows this table’s rows as they are then.')
  }
  for (const child of found.children) add(`child table ${nameOf(child)}`, 'Keeps its own rows.')
  for (const name of found.eventTriggers)
    add(`event trigger ${name}`, 'May fire for the statements that drop and make keys: it belongs to the whole database.')
  for (const column of live.columns) {
    if (column.identity !== '' && backup.columns.includes(column.name)) add(`identity column ${column.name}`, 'Takes the backup’s values.')
  }
  return [...lines, ...newColumns(backup, live)]
}

export function stateOf(backup: BackupTable, sequence: { schema: string; name: string }): SequenceState | null {
  return backup.sequences.find((one) => one.schema === sequence.schema && one.name === sequence.name) ?? null
}

function sequenceWords(sequence: OwnedSequence, backup: BackupTable): string {
  const state = stateOf(backup, sequence)
  return state === null
    ? 'Is not in the backup, and keeps its value.'
    : `Becomes whichever is further: its own value or the backup’s, ${state.lastValue}.`
}

function publicationWords(publication: { truncate: boolean; insert: boolean }, rows: RowsMode): string {
  if (rows !== 'all') return 'Stays; its subscribers are sent the rows that come in and change.'
  if (!publication.insert) return 'Stays; it does not send rows that come in: its subscribers have to be synchronised again.'
  if (!publication.truncate)
    return 'Stays; it does not send that the table was emptied: its subscribers run into rows that they have, and have to be synchronised again.'
  return 'Stays; its subscribers are sent that the table was emptied, and then every row.'
}
