import type { Plan } from '#lib/domain/plan.ts'
import { formatBytes, formatCount, formatDuration, formatUtc } from '#lib/domain/units.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'
import { type Act, actOf, tableName } from './acts.ts'
import type { WizardAddress } from './wizard-address.ts'

type Words = (of: { address: WizardAddress; source: DatabaseView; plan: Plan }) => string

const questions = {
  new: ({ address, source }) => `Restore ${source.name} into ${address.name ?? ''}?`,
  replace: ({ source }) => `Replace ${source.dbname} by the restored database?`,
  in_place: ({ source }) => `Restore into ${source.dbname} itself?`,
  table_beside: ({ address }) => `Restore ${tableName(address)} beside the live table?`,
  table_replace: ({ address }) => `Put rows back into ${tableName(address)}?`,
  clone: ({ address, source }) => `Clone ${source.name} into ${address.name ?? ''}?`,
} satisfies Record<Act, (of: { address: WizardAddress; source: DatabaseView }) => string>

export function questionOf(address: WizardAddress, source: DatabaseView): string {
  return questions[actOf(address)]({ address, source })
}

const buttons = {
  new: () => 'Restore into the new database',
  replace: (source) => `Replace ${source.dbname}`,
  in_place: (source) => `Restore into ${source.dbname} itself`,
  table_beside: () => 'Restore the table beside the live one',
  table_replace: () => 'Put the rows back',
  clone: () => 'Clone into the new database',
} satisfies Record<Act, (source: DatabaseView) => string>

export function buttonOf(address: WizardAddress, source: DatabaseView): string {
  return buttons[actOf(address)](source)
}

const rowWords = {
  all: 'Every row of the live table becomes as it was in the backup.',
  missing: 'No live row. The rows that are missing are added.',
  changed: 'The rows that differ become as they were. Rows added since stay.',
  missing_and_changed: 'The rows that differ; missing ones are added. Rows added since stay.',
} satisfies Record<WizardAddress['rows'], string>

const overwritten = {
  new: () => 'Nothing. The restore refuses to start if a database of this name exists by then.',
  clone: () => 'Nothing. The clone refuses to start if a database of this name exists by then.',
  table_beside: () => 'Nothing. The table gets a name of its own.',
  table_replace: ({ address }) => rowWords[address.rows],
  replace: ({ source }) => `All of ${source.dbname}, as it is now. It is kept aside for the undo period.`,
  in_place: ({ source }) => `In ${source.dbname}, everything that the backup holds too.`,
} satisfies Record<Act, Words>

const ifItFails = {
  new: () => 'What this attempt made is removed again; the backup and the live database stay as they are.',
  clone: () => 'What this attempt made is removed again; the source was only read.',
  table_beside: () => 'One transaction: the database stays as it is.',
  table_replace: () => 'One transaction: the table stays as it is.',
  replace: ({ source }) => `${source.dbname} stays, or becomes again, the live database, open to everyone.`,
  in_place: ({ source }) => `One transaction: ${source.dbname} stays as it is.`,
} satisfies Record<Act, Words>

const undo = {
  new: () => 'Drop the new database by hand; the result shows the statement.',
  clone: () => 'Drop the clone by hand; the result shows the statement.',
  table_beside: () => 'Drop the new table by hand; the result names it.',
  table_replace: () => 'The safety backup holds the table as it was before.',
  replace: ({ address }) => `For ${address.undo} h one typed confirmation swaps the old database back. Until then both take up room on the server.`,
  in_place: () => 'Only by restoring the safety backup.',
} satisfies Record<Act, Words>

const roleWords = {
  refuse: null,
  create: 'Are created without a password and cannot log in.',
  drop_grants: 'Owners and privileges are left out: everything will belong to the role that connects.',
} satisfies Record<WizardAddress['roles'], string | null>

/** What is confirmed, in pairs of a word and its value. */
export function confirmFacts(
  address: WizardAddress,
  { source, backup, plan }: { source: DatabaseView; backup: BackupView | null; plan: Plan },
): ({ term: string; value: string } | null)[] {
  const act = actOf(address)
  const of = { address, source, plan }
  const disconnected = plan.findings.find((one) => one.code === 'sessions' && one.severity === 'warning')?.message
  const mapped = Object.entries(address.map).map(([from, to]) => `${from} → ${to}`)
  const roles = roleWords[address.roles]
  return [
    backup === null ? { term: 'As of', value: 'the moment when the clone begins' } : { term: 'As of', value: formatUtc(backup.createdAt, true) },
    { term: 'Brings back', value: contentWords(plan) },
    { term: 'Overwrites', value: overwritten[act](of) },
    plan.safety === null
      ? null
      : {
          term: 'Safety backup',
          value: `Of ${plan.safety.database}, on ${plan.safety.storages.join(' and ')}${plan.safety.bytes === null ? '' : `, about ${formatBytes(plan.safety.bytes)} each`}; read back before anything is written.`,
        },
    disconnected === undefined ? null : { term: 'Disconnects', value: disconnected },
    plan.dependencies.length === 0
      ? null
      : { term: 'Depends on it', value: `${formatCount(plan.dependencies.length, 'object')}, as the plan lists them` },
    address.dependents ? { term: 'Dependents', value: 'Are dropped and made again as they are now.' } : null,
    roles === null ? null : { term: 'Missing roles', value: roles },
    mapped.length === 0 ? null : { term: 'Roles replaced', value: mapped.join(', ') },
    address.force ? { term: 'Overridden', value: 'What the dry run would have stopped at and lets be overridden.' } : null,
    { term: 'Takes', value: plan.estimatedSeconds === null ? 'No evidence yet' : `About ${formatDuration(plan.estimatedSeconds)}` },
    { term: 'If it fails', value: ifItFails[act](of) },
    { term: 'Undo', value: undo[act](of) },
  ]
}

function contentWords({ tables }: Plan): string {
  const sum = (key: 'rows' | 'rawBytes') => tables.reduce((total, table) => total + table[key], 0)
  return `${formatCount(tables.length, 'table')}, ${formatCount(sum('rows'), 'row')}, ${formatBytes(sum('rawBytes'))}`
}
