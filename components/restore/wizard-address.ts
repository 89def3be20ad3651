import type { WizardStep } from './wizard-steps.ts'

/** What the wizard keeps in the address: reloading, going back or passing the link on loses nothing. */
export interface WizardAddress {
  happened: Situation | null
  database: string | null
  backup: string | null
  /** a registered database whose server receives the new one; null: the source's own server */
  server: string | null
  name: string | null
  roles: MissingRoles
  /** overrides findings that may be overridden */
  force: boolean
  /** operation id of the dry run */
  plan: string | null
  /** operation id of the restore */
  operation: string | null
}

export const situations = ['lost', 'wrong', 'look'] as const
export type Situation = (typeof situations)[number]

export const missingRoles = ['refuse', 'create', 'drop_grants'] as const
export type MissingRoles = (typeof missingRoles)[number]

type SearchParams = Record<string, string | string[] | undefined>

export function readAddress(params: SearchParams): WizardAddress {
  const one = (key: string) => (typeof params[key] === 'string' && params[key] !== '' ? params[key] : null)
  const backup = one('backup')
  return {
    happened: situations.find((name) => name === one('happened')) ?? (backup === null ? null : 'lost'),
    database: one('database'),
    backup,
    server: one('server'),
    name: one('name'),
    roles: missingRoles.find((name) => name === one('roles')) ?? 'refuse',
    force: one('force') === 'yes',
    plan: one('plan'),
    operation: one('operation'),
  }
}

/** The address of a step; a changed answer drops the dry run that was made for the old ones. */
export function wizardHref(address: WizardAddress, step: WizardStep, change: Partial<WizardAddress> = {}): string {
  const next = { ...address, ...change }
  const answersChanged = (['database', 'backup', 'server', 'name', 'roles', 'force'] as const).some((key) => next[key] !== address[key])
  const plan = answersChanged && change.plan === undefined ? null : next.plan
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({
    ...next,
    plan,
    roles: next.roles === 'refuse' ? null : next.roles,
    force: next.force ? 'yes' : null,
  })) {
    if (value !== null && value !== '') query.set(key, value)
  }
  query.set('step', step)
  return `/restore?${query}`
}
