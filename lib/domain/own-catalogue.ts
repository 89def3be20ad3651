import { type Actor } from './actor.ts'
import { LifeboatError } from './errors.ts'

/**
 * The row under which Lifeboat protects its own catalogue; the same in every installation, so that a catalogue that was lost and rebuilt from
 * the storages knows the backups of the one before as its own.
 */
export const ownCatalogueId = '00000000-0000-4000-8000-000000000001'
export const ownCatalogueName = 'Lifeboat catalogue'

interface Place {
  is_catalogue: boolean
}

/**
 * What is restored or cloned never runs beside the catalogue, the catalogue is never overwritten by what runs from it, and only an admin takes
 * it elsewhere: it holds what people sign in with. Throws `refused`, `forbidden`.
 */
export function assertNotOwnCatalogue(actor: Actor, of: { source: Place | null; server: Place | null; overwrites: boolean }): void {
  const { source, server, overwrites } = of
  if (source?.is_catalogue && actor.role !== 'admin') {
    throw new LifeboatError('forbidden', 'Only an admin restores Lifeboat’s own catalogue: it holds what people sign in with.')
  }
  if (!server?.is_catalogue) return
  if (overwrites) {
    throw new LifeboatError(
      'refused',
      'Lifeboat does not overwrite the catalogue that it runs from.',
      'Restore it into a new database, stop Lifeboat, and start it with DATABASE_URL naming that one; or rebuild the catalogue from a storage.',
    )
  }
  if (!source?.is_catalogue) {
    throw new LifeboatError(
      'refused',
      'What is restored or cloned does not run beside Lifeboat’s own catalogue.',
      'Choose another server: nothing that a backup brings along may come near the catalogue.',
    )
  }
}
