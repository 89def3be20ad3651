import type { Finding } from '#lib/domain/plan.ts'
import { formatBytes, formatDuration } from '#lib/domain/units.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import type { SwapFacts } from '#lib/engine/postgres/swap-facts.ts'
import { renameFindings } from '../../run/rename-findings.ts'
import { blocker } from '../findings.ts'

export interface SwapNames {
  live: string
  /** the restored database's name until the swap */
  restored: string
  /** the old database's name after the swap */
  kept: string
}

/** What stands between a live database and its being swapped for a restored one, each with its remedy. Pure. */
export function swapFindings(facts: SwapFacts, options: { names: SwapNames; undoHours: number; restoredBytes: number }): Finding[] {
  const { names } = options
  if (facts.live === null) {
    return [
      blocker(
        'target_absent',
        `There is no database ${names.live} on the target server: nothing to replace, and nothing to take a safety backup of.`,
        `Restore into a new database, then give it the name: ALTER DATABASE … RENAME TO ${names.live}.`,
      ),
    ]
  }
  return [
    ...renameFindings(facts, names.live),
    warning(
      'changes_since',
      `What was written to ${names.live} since this backup is not in the restored database: it stays in the safety backup and, for ${formatDuration(options.undoHours * 3600)}, in the kept one.`,
      `Stop the applications that write to ${names.live} before you start: what they write until the swap is in the kept database only.`,
    ),
    warning(
      'two_databases',
      `Both databases lie on the target server until the undo period ends: about ${formatBytes(options.restoredBytes)} beside ${facts.live.bytes === null ? 'the live one, whose size this role may not see' : `the live one’s ${formatBytes(facts.live.bytes)}`}. Its free space cannot be seen through SQL.`,
      'Look at the disk of the target server before you go on. A full disk fails the restore and may stop the live database too.',
    ),
  ]
}

/** Settings that the backup had otherwise: the live database's come along, and the difference is told. */
export function differentSettings(live: Globals['databaseSettings'], backup: Globals['databaseSettings']): Finding[] {
  const flat = (some: Globals['databaseSettings']) =>
    some.flatMap(({ role, settings }) => settings.map((setting) => `${role === null ? '' : `role ${role}: `}${setting}`))
  const [now, then] = [flat(live), flat(backup)]
  const added = now.filter((one) => !then.includes(one))
  const gone = then.filter((one) => !now.includes(one))
  if (added.length + gone.length === 0) return []
  return [
    warning(
      'settings_differ',
      [
        'The settings of the live database are not those of the backup, and the live ones come along.',
        ...(added.length === 0 ? [] : [`Live: ${listed(added)}.`]),
        ...(gone.length === 0 ? [] : [`In the backup: ${listed(gone)}.`]),
      ].join(' '),
      'Change them afterwards where that is not wanted: ALTER DATABASE … SET.',
    ),
  ]
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: true }
}
