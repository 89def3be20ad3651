import type { Plan } from '#lib/domain/plan.ts'
import type { RestoreRequestInput } from '#lib/domain/restore-input.ts'
import type { NewClone } from '#lib/client/mutations.ts'
import { actOf } from './acts.ts'
import type { WizardAddress } from './wizard-address.ts'

export type ActRequest = { kind: 'restore'; body: RestoreRequestInput } | { kind: 'clone'; body: NewClone }

/** What the answers ask the API for. `confirmed`: the plan that a person looked at, and the name that was typed; null: a dry run. */
export function requestOf(address: WizardAddress, confirmed: { plan: Plan; typed: string } | null): ActRequest {
  const shared = {
    serverDatabaseId: address.server,
    dryRun: confirmed === null,
    force: address.force,
    missingRoles: address.roles,
    roleMap: address.map,
    fingerprint: fingerprintOf(confirmed?.plan ?? null),
  }
  const act = actOf(address)
  if (act === 'clone') return { kind: 'clone', body: { ...shared, databaseId: address.database ?? '', targetDbname: address.name ?? '' } }
  const restore = { ...shared, backupId: address.backup ?? '', ...(confirmed === null ? {} : { confirmation: confirmed.typed }) }
  switch (act) {
    case 'new':
      return { kind: 'restore', body: { ...restore, scope: 'full', way: 'new', targetDbname: address.name ?? '' } }
    case 'replace':
      return { kind: 'restore', body: { ...restore, scope: 'full', way: 'replace', undoHours: address.undo } }
    case 'in_place':
      return { kind: 'restore', body: { ...restore, scope: 'full', way: 'in_place', dropDependents: address.dependents } }
    case 'table_beside':
    case 'table_replace':
      return {
        kind: 'restore',
        body: {
          ...restore,
          scope: 'table',
          way: act === 'table_beside' ? 'beside' : 'replace',
          schema: address.schema ?? '',
          table: address.table ?? '',
          rows: act === 'table_beside' ? 'all' : address.rows,
        },
      }
  }
}

function fingerprintOf(plan: Plan | null): NonNullable<RestoreRequestInput['fingerprint']> | null {
  if (plan === null || plan.target === null) return null
  const { host, port, systemIdentifier, dbname, oid, inRecovery } = plan.target
  return { host, port, systemIdentifier, dbname, oid, inRecovery }
}
