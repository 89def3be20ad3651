import type { Finding } from '#lib/domain/plan.ts'
import { sessionText } from '#lib/engine/postgres/sessions.ts'
import type { SwapFacts } from '#lib/engine/postgres/swap-facts.ts'

/** What keeps the database of that name from being renamed now, each with its remedy; `facts.live` is there. Pure. */
export function renameFindings(facts: SwapFacts, live: string): Finding[] {
  return [...aboutRole(facts, live), ...aboutNames(facts), ...aboutBindings(facts, live), ...aboutSessions(facts, live), ...aboutOpen(facts, live)]
}

function aboutRole(facts: SwapFacts, live: string): Finding[] {
  if (facts.mayRename) return [passed('may_rename', `${facts.role} may rename ${live}.`)]
  const owner = facts.live?.properties.owner ?? ''
  return [
    blocker(
      'may_not_rename',
      `The role ${facts.role} may not rename ${live}: it must own it, or be a member of ${owner}, and have CREATEDB.`,
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
function aboutBindings(facts: SwapFacts, live: string): Finding[] {
  const found: Finding[] = []
  if (facts.preparedTransactions.length > 0) {
    found.push(
      blocker(
        'prepared_transactions',
        `${live} holds prepared transactions (${listed(facts.preparedTransactions)}): it cannot be renamed before they are ended.`,
        'End each in that database: COMMIT PREPARED or ROLLBACK PREPARED.',
      ),
    )
  }
  if (facts.slots.length > 0) {
    found.push(
      blocker(
        'replication_slots',
        `Replication slots are bound to ${live} (${listed(facts.slots.map((one) => `${one.name}${one.active ? ', in use' : ''}`))}): they would stay with the kept database, and their readers would stop.`,
        'Stop the readers and drop each slot: SELECT pg_drop_replication_slot(…). Make them anew after the swap.',
      ),
    )
  }
  if (facts.subscriptions.length > 0) {
    found.push(
      blocker(
        'subscriptions',
        `${live} subscribes to publications (${listed(facts.subscriptions)}): their workers stay with the old database and hold sessions in it.`,
        'Disable or drop each subscription, and make it anew after the swap.',
      ),
    )
  }
  return found
}

function aboutSessions(facts: SwapFacts, live: string): Finding[] {
  const beyond = facts.sessions.filter((one) => !one.mayEnd)
  if (beyond.length > 0) {
    return [
      blocker(
        'sessions',
        `The role ${facts.role} may not end ${beyond.length === 1 ? 'a session' : `${beyond.length} sessions`} in ${live}: ${listed(beyond.map(sessionText))}. One session is enough to stop the swap.`,
        `End them, or GRANT pg_signal_backend TO ${facts.role}; only a superuser ends a superuser’s session.`,
      ),
    ]
  }
  if (facts.sessions.length === 0) return [passed('sessions', `Nobody is connected to ${live}.`)]
  return [
    warning(
      'sessions',
      `The swap ends ${facts.sessions.length === 1 ? 'a session' : `${facts.sessions.length} sessions`} in ${live}: ${listed(facts.sessions.map(sessionText))}. What they have not committed is undone.`,
      'Applications connect again by themselves, or have to be restarted.',
    ),
  ]
}

function aboutOpen(facts: SwapFacts, live: string): Finding[] {
  if (facts.live?.allowsConnections !== false) return []
  return [
    warning('live_closed', `${live} lets nobody in now. The one that takes its place will.`, 'Find out who closed it, and whether that was meant.'),
  ]
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

function blocker(code: string, message: string, remedy: string): Finding {
  return { severity: 'blocker', code, message, remedy, overridable: false }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: true }
}

function passed(code: string, message: string): Finding {
  return { severity: 'info', code, message, remedy: '', overridable: false }
}
