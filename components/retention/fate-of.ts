import type { SimulatedBackup } from '#lib/domain/keeping-views.ts'

/** How a backup's fate is drawn. `sooner`, `longer`: it stays, until another day than now. `goes_anyway`: under the rules in force too. */
export type Fate = 'goes' | 'goes_anyway' | 'waits' | 'sooner' | 'longer' | 'otherwise' | 'stays'

export function fateOf({ now, tried }: Pick<SimulatedBackup, 'now' | 'tried'>): Fate {
  if (tried.action === 'delete') return now.action === 'delete' ? 'goes_anyway' : 'goes'
  if (tried.action === 'wait') return 'waits'
  if (now.until === tried.until && now.action === tried.action) return 'stays'
  // something else holds it, and nobody knows until when: neither longer nor shorter
  if (tried.until === null && now.action === 'keep') return 'otherwise'
  return now.action !== 'keep' || (now.until !== null && tried.until !== null && now.until < tried.until) ? 'longer' : 'sooner'
}

export const fateWords = {
  stays: 'stays as now',
  longer: 'stays longer',
  otherwise: 'stays, for another reason',
  sooner: 'stays, for less long',
  waits: 'waits',
  goes_anyway: 'goes anyway',
  goes: 'goes',
} satisfies Record<Fate, string>
export const fateOrder = ['stays', 'longer', 'otherwise', 'sooner', 'waits', 'goes_anyway', 'goes'] as const satisfies readonly Fate[]

/** `12 goes, 3 stays as now` in the words of the legend */
export function describeFates(backups: readonly SimulatedBackup[]): string {
  const fates = backups.map(fateOf)
  return fateOrder
    .flatMap((fate) => {
      const count = fates.filter((one) => one === fate).length
      return count === 0 ? [] : [`${count} ${fateWords[fate]}`]
    })
    .join(', ')
}
