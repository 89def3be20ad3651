import type { Permission } from '#lib/domain/permissions.ts'
import type { Situation, Way, WizardAddress } from './wizard-address.ts'

/** What the wizard can do in the end: a situation and a way make one of these. */
export const acts = ['new', 'replace', 'in_place', 'table_beside', 'table_replace', 'clone'] as const
export type Act = (typeof acts)[number]

/** The ways that a situation knows, the safest first; the first is taken where none was chosen. */
export const waysOf = {
  table: ['beside', 'replace'],
  database: ['new', 'replace', 'in_place'],
  look: ['new'],
  move: ['clone', 'new'],
  everything: [],
} as const satisfies Record<Situation, readonly Way[]>

/** The chosen way, where the situation knows it. */
export function wayOf({ happened, way }: Pick<WizardAddress, 'happened' | 'way'>): Way | null {
  if (happened === null) return null
  const known: readonly Way[] = waysOf[happened]
  return known.find((one) => one === way) ?? known[0] ?? null
}

export function actOf(address: Pick<WizardAddress, 'happened' | 'way'>): Act {
  const way = wayOf(address)
  if (address.happened === 'table') return way === 'replace' ? 'table_replace' : 'table_beside'
  return way === 'replace' || way === 'in_place' || way === 'clone' ? way : 'new'
}

interface ActWords {
  /** writes over what is live: safety backup first, typed confirmation in a dangerous dialog */
  overwrites: boolean
  /** makes a database that has to be given a name */
  namesNew: boolean
  /** on the source's own server */
  permission: Permission
  /** of the step in which the target is chosen */
  targetStep: string
  noun: string
}

export const actWords = {
  new: { overwrites: false, namesNew: true, permission: 'restore.new', targetStep: 'Where to', noun: 'restore' },
  replace: { overwrites: true, namesNew: false, permission: 'restore.overwrite', targetStep: 'Where to', noun: 'restore' },
  in_place: { overwrites: true, namesNew: false, permission: 'restore.overwrite', targetStep: 'Where to', noun: 'restore' },
  table_beside: { overwrites: false, namesNew: false, permission: 'restore.overwrite', targetStep: 'Which table', noun: 'restore' },
  table_replace: { overwrites: true, namesNew: false, permission: 'restore.overwrite', targetStep: 'Which table', noun: 'restore' },
  clone: { overwrites: false, namesNew: true, permission: 'clone.run', targetStep: 'Where to', noun: 'clone' },
} as const satisfies Record<Act, ActWords>

/** What this person must be allowed to do. */
export function permissionFor(address: WizardAddress): Permission {
  return address.server === null ? actWords[actOf(address)].permission : 'restore.elsewhere'
}

/** Is it said where to, as far as the act asks for it? */
export function hasTarget(address: WizardAddress): boolean {
  const act = actOf(address)
  if (actWords[act].namesNew) return address.name !== null && address.name !== ''
  if (act === 'table_beside' || act === 'table_replace') return address.schema !== null && address.table !== null && address.way !== null
  return address.way !== null
}

/** `public.orders` */
export function tableName({ schema, table }: Pick<WizardAddress, 'schema' | 'table'>): string {
  return `${schema ?? ''}.${table ?? ''}`
}
