import { cloneCommand, restoreCommand, restoreTableCommand, shellWord } from '#lib/domain/shell-commands.ts'
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
export function commandOf(address: WizardAddress, { backupName, source, server }: Named, dryRun: boolean): string | null {
  const act = actOf(address)
  if (Object.keys(address.map).length > 0) return null
  if (act === 'clone') return cloneCommand(source.name, address.name ?? '', { dryRun, server, roles: address.roles, force: address.force })
  const backup = backupName ?? ''
  const { roles, force } = address
  if (act === 'new') return restoreCommand(backup, address.name ?? '', { dryRun, server, roles, force })
  const more = [roles === 'refuse' ? '' : ` --roles ${roles}`, force ? ' --force' : '', dryRun ? ' --dry-run' : ''].join('')
  const full = `lifeboat restore-full ${shellWord(backup)}`
  if (act === 'replace') return `${full} --replace${address.undo === defaultUndoHours ? '' : ` --undo-hours ${address.undo}`}${more}`
  if (act === 'in_place') return `${full} --in-place${address.dependents ? ' --drop-dependents' : ''}${more}`
  // a table takes neither roles nor force from the command line in every version: better none than another act
  if (roles !== 'refuse' || force || address.rows !== 'all') return null
  return restoreTableCommand(
    backup,
    { schema: address.schema ?? '', table: address.table ?? '' },
    { way: act === 'table_beside' ? 'beside' : 'replace', dryRun },
  )
}
