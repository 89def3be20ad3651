import { z } from 'zod'
import type { WizardStep } from './wizard-steps.ts'

/** What the wizard keeps in the address: reloading, going back or passing the link on loses nothing. */
export interface WizardAddress {
  happened: Situation | null
  /** how it is brought back; which of them a situation knows says acts.ts; null: not chosen yet */
  way: Way | null
  database: string | null
  backup: string | null
  /** a registered database whose server receives the new one; null: the source's own server */
  server: string | null
  /** of a new database */
  name: string | null
  /** one table */
  schema: string | null
  table: string | null
  rows: Rows
  /** replace: how long the old database is kept */
  undo: number
  /** in place: drop and make again what depends on replaced objects */
  dependents: boolean
  roles: MissingRoles
  /** role of the backup -> role of the target that takes its place */
  map: Record<string, string>
  /** overrides findings that may be overridden */
  force: boolean
  /** operation id of the dry run */
  plan: string | null
  /** operation id of the restore or clone */
  operation: string | null
}

export const situations = ['table', 'database', 'look', 'move', 'everything'] as const
export type Situation = (typeof situations)[number]

export const ways = ['new', 'replace', 'in_place', 'beside', 'clone'] as const
export type Way = (typeof ways)[number]

export const rowChoices = ['all', 'missing', 'changed', 'missing_and_changed'] as const
export type Rows = (typeof rowChoices)[number]

export const missingRoles = ['refuse', 'create', 'drop_grants'] as const
export type MissingRoles = (typeof missingRoles)[number]

export const defaultUndoHours = 72

/** Words of links that were made before there was more than one way. */
const formerSituations: Record<string, Situation> = { lost: 'database', wrong: 'look' }

type SearchParams = Record<string, string | string[] | undefined>

export function readAddress(params: SearchParams): WizardAddress {
  const one = (key: string) => (typeof params[key] === 'string' && params[key] !== '' ? params[key] : null)
  const backup = one('backup')
  const happened = one('happened')
  const known = situations.find((name) => name === happened) ?? (happened === null ? undefined : formerSituations[happened])
  const undo = Number(one('undo') ?? defaultUndoHours)
  return {
    happened: known ?? (backup === null ? null : 'database'),
    way: ways.find((name) => name === one('way')) ?? null,
    database: one('database'),
    backup,
    server: one('server'),
    name: one('name'),
    schema: one('schema'),
    table: one('table'),
    rows: rowChoices.find((name) => name === one('rows')) ?? 'all',
    undo: Number.isInteger(undo) && undo >= 1 && undo <= 720 ? undo : defaultUndoHours,
    dependents: one('dependents') === 'yes',
    roles: missingRoles.find((name) => name === one('roles')) ?? 'refuse',
    map: readMap(one('map')),
    force: one('force') === 'yes',
    plan: one('plan'),
    operation: one('operation'),
  }
}

/** What a dry run was made for; the other parts of the address only say where in the wizard one is. */
const answers = [
  'way',
  'database',
  'backup',
  'server',
  'name',
  'schema',
  'table',
  'rows',
  'undo',
  'dependents',
  'roles',
  'map',
  'force',
] as const satisfies readonly (keyof WizardAddress)[]

/** The address of a step; a changed answer drops the dry run that was made for the old ones. */
export function wizardHref(address: WizardAddress, step: WizardStep, change: Partial<WizardAddress> = {}): string {
  const next = { ...address, ...change }
  const answersChanged = answers.some((key) => JSON.stringify(next[key]) !== JSON.stringify(address[key]))
  const plan = answersChanged && change.plan === undefined ? null : next.plan
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({
    ...next,
    plan,
    rows: next.rows === 'all' ? null : next.rows,
    undo: next.undo === defaultUndoHours ? null : String(next.undo),
    dependents: next.dependents ? 'yes' : null,
    roles: next.roles === 'refuse' ? null : next.roles,
    map: Object.keys(next.map).length === 0 ? null : JSON.stringify(next.map),
    force: next.force ? 'yes' : null,
  })) {
    if (value !== null && value !== '') query.set(key, value)
  }
  query.set('step', step)
  return `/restore?${query}`
}

const roleMap = z.record(z.string().min(1).max(63), z.string().min(1).max(63))

function readMap(text: string | null): Record<string, string> {
  if (text === null) return {}
  try {
    const parsed = roleMap.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : {}
  } catch {
    return {}
  }
}
