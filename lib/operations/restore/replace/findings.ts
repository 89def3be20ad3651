import type { Finding } from '#lib/domain/plan.ts'
import { formatBytes, formatDuration } from '#lib/domain/units.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import { sessionText } from '#lib/engine/postgres/sessions.ts'
import type { SwapFacts } from '#lib/engine/postgres/swap-facts.ts'
import { blocker, passed } from '../findings.ts'

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
    ...aboutRole(facts, names),
    ...aboutNames(facts),
    ...aboutBindings(facts, names),
    ...aboutSessions(facts, names),
    ...aboutOpen(facts, names),
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

function aboutRole(facts: SwapFacts, names: SwapNames): Finding[] {
  if (facts.mayRename) return [passed('may_rename', `${facts.role} may rename ${names.live}.`)]
  const owner = facts.live?.properties.owner ?? ''
  return [
    blocker(
      'may_not_rename',
      `The role ${facts.role} may not rename ${names.live}: it must own it, or be a member of ${owner}, and have CREATEDB.`,
      `GRANT ${owner} TO ${facts.role}; ALTER ROLE ${facts.role} CREATEDB. Or register the database with a role that has both.`,
    ),
  ]
}

function aboutNames(facts: SwapFacts): Finding[] {
  return facts.taken.map((name) =>
    blocker('name_taken', `A database called ${name} exists on the target server already.`, 'Try again: the names carry the time.'),
  )
}

/** What is bound to the database itself stays with the old one, and would go on there. */
function aboutBindings(facts: SwapFacts, names: SwapNames): Finding[] {
  const found: Finding[] = []
  if (facts.preparedTransactions.length > 0) {
    found.push(
      blocker(
        'prepared_transactions',
        `${names.live} holds prepared transactions (${listed(facts.preparedTransactions)}): it cannot be renamed before they are ended.`,
        'End each in that database: COMMIT PREPARED or ROLLBACK PREPARED.',
      ),
    )
  }
  if (facts.slots.length > 0) {
    found.push(
      blocker(
        'replication_slots',
        `Replication slots are bound to ${names.live} (${listed(facts.slots.map((one) => `${one.name}${one.active ? ', in use' : ''}`))}): they would stay with the kept database, and their readers would stop.`,
        'Stop the readers and drop each slot: SELECT pg_drop_replication_slot(…). Make them anew after the swap.',
      ),
    )
  }
  if (facts.subscriptions.length > 0) {
    found.push(
      blocker(
        'subscriptions',
        `${names.live} subscribes to publications (${listed(facts.subscriptions)}): their workers stay with the old database and hold sessions in it.`,
        'Disable or drop each subscription, and make it anew after the swap.',
      ),
    )
  }
  return found
}

function aboutSessions(facts: SwapFacts, names: SwapNames): Finding[] {
  const beyond = facts.sessions.filter((one) => !one.mayEnd)
  if (beyond.length > 0) {
    return [
      blocker(
        'sessions',
        `The role ${facts.role} may not end ${beyond.length === 1 ? 'a session' : `${beyond.length} sessions`} in ${names.live}: ${listed(beyond.map(sessionText))}. One session is enough to stop the swap.`,
        `End them, or GRANT pg_signal_backend TO ${facts.role}; only a superuser ends a superuser’s session.`,
      ),
    ]
  }
  if (facts.sessions.length === 0) return [passed('sessions', `Nobody is connected to ${names.live}.`)]
  return [
    warning(
      'sessions',
      `The swap ends ${facts.sessions.length === 1 ? 'a session' : `${facts.sessions.length} sessions`} in ${names.live}: ${listed(facts.sessions.map(sessionText))}. What they have not committed is undone.`,
      'Applications connect again by themselves, or have to be restarted.',
    ),
  ]
}

function aboutOpen(facts: SwapFacts, names: SwapNames): Finding[] {
  if (facts.live?.allowsConnections !== false) return []
  return [
    warning('live_closed', `${names.live} lets nobody in now. The restored database will.`, 'Find out who closed it, and whether that was meant.'),
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
