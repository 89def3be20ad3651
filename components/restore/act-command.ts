import { restoreCommand, restoreTableCommand, shellWord } from '#lib/domain/shell-commands.ts'
import type { DatabaseView } from '#lib/domain/views.ts'
import { actOf } from './acts.ts'
import { defaultUndoHours, type WizardAddress } from './wizard-address.ts'

interface Named {
  /** null: a clone has none */
  backupName: string | null
  source: DatabaseView
  /** where it goes, if not to the source's own server */
  server: DatabaseView | null
}

/** The very same act from a shell; null: the command line has no words for these answers. */
export function commandOf(address: WizardAddress, { backupName, server }: Named, dryRun: boolean): string | null {
  const act = actOf(address)
  if (Object.keys(address.map).length > 0) return null
  if (act === 'clone') return null
  const backup = backupName ?? ''
  const { roles, force } = address
  if (act === 'new') return restoreCommand(backup, address.name ?? '', { dryRun, server, roles, force })
  if (roles !== 'refuse' || force || address.undo !== defaultUndoHours || address.dependents || address.rows !== 'all') return null
  const more = dryRun ? ' --dry-run' : ''
  if (act === 'replace' || act === 'in_place')
    return `lifeboat restore-full ${shellWord(backup)} --${act === 'replace' ? 'replace' : 'in-place'}${more}`
  return restoreTableCommand(
    backup,
    { schema: address.schema ?? '', table: address.table ?? '' },
    { way: act === 'table_beside' ? 'beside' : 'replace', dryRun },
  )
}
