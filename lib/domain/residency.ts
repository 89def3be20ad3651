import { LifeboatError } from './errors.ts'
import type { Finding } from './plan.ts'

/** A database and where its copies may lie; null: anywhere. */
export interface Resident {
  name: string
  allowedRegions: readonly string[] | null
}
/** A storage and where its bytes lie, as its owner says; null: nobody said. */
export interface Place {
  name: string
  region: string | null
}

/** Regions are labels that people chose: capitals and spaces around them make no difference. */
const plain = (region: string) => region.trim().toLowerCase()

/** A place of which nobody said where it lies is not in any region. */
export function mayLieOn(allowedRegions: readonly string[] | null, region: string | null): boolean {
  if (allowedRegions === null) return true
  return region !== null && allowedRegions.some((allowed) => plain(allowed) === plain(region))
}

/** Why a copy of the database may not lie there; null: it may. */
export function residencyProblem(database: Resident, storage: Place): LifeboatError | null {
  if (mayLieOn(database.allowedRegions, storage.region)) return null
  const allowed = database.allowedRegions ?? []
  const only = allowed.length === 0 ? 'no region at all' : allowed.join(', ')
  return new LifeboatError(
    'refused',
    storage.region === null
      ? `Nobody said in which region ${storage.name} lies, and copies of ${database.name} may lie in ${only} only.`
      : `${storage.name} lies in ${storage.region}, and copies of ${database.name} may lie in ${only} only.`,
    'Nothing was stored there. Choose another storage, or have an admin change the region of the storage or the regions of the database.',
  )
}

/** Copies that lie where they may not any more: they are named and stay, because deleting is for a person to decide. */
export function misplacedFindings(copies: readonly { database: string; storage: Place; copies: number }[]): Finding[] {
  return copies.map(({ database, storage, copies: count }) => ({
    severity: 'warning',
    code: 'residency',
    message: `${count} ${count === 1 ? 'copy' : 'copies'} of ${database} ${count === 1 ? 'lies' : 'lie'} on ${storage.name} (${storage.region ?? 'region unknown'}), where copies of it may not lie any more.`,
    remedy: 'They were left as they are. Move them to another storage, or delete them there once another copy has been verified.',
    overridable: false,
  }))
}
