import { alertSentences, alertTrouble, blindness, blindTrouble, unanswered } from './alert-sentences.ts'
import { formatCount, formatDuration } from './units.ts'
import type { DatabaseSafety, OverviewView, StorageView } from './views.ts'

/** How one database stands. Anything unknown is not `recoverable`. */
export type Standing = 'recoverable' | 'not_read_back' | 'not_seen' | 'too_old' | 'out_of_reach' | 'no_point'

export type NextStep =
  | { kind: 'add_database' }
  | { kind: 'add_storage' }
  | { kind: 'start_worker' }
  | { kind: 'see_connection'; database: string; databaseId: string }
  | { kind: 'see_failure'; database: string; operationId: string }
  | { kind: 'watch'; title: string; operationId: string }
  | { kind: 'back_up'; database: string; databaseId: string }
  | { kind: 'look_at_storages' }
  | { kind: 'verify'; database: string; databaseId: string }
  | { kind: 'schedule'; database: string; databaseId: string }
  | { kind: 'recovery_key' }
  | { kind: 'storage_elsewhere' }
  | { kind: 'answer_alert'; title: string; alertId: string }
  | { kind: 'add_channel' }
  | { kind: 'rehearse'; database: string; databaseId: string }
  | { kind: 'nothing' }

export interface OverviewVerdict {
  /** ok: nothing to do; warn: something is not covered or not known; bad: a database cannot be recovered as promised */
  tone: 'ok' | 'warn' | 'bad' | 'none'
  /** the first sentence */
  lead: string
  /** the sentence about what is wrong; null: nothing is */
  trouble: string | null
  /** further sentences, the gravest first */
  because: string[]
  next: NextStep
}

export function standingOf(safety: DatabaseSafety, storages: readonly StorageView[]): Standing {
  if (safety.lossSeconds === null) return 'no_point'
  const seen = safety.places.map((place) => storages.find((storage) => storage.name === place)?.reachable ?? null)
  if (seen.every((reachable) => reachable === false)) return 'out_of_reach'
  if (!safety.objectiveMet) return 'too_old'
  // a storage that nobody looked at is not one that answered
  if (!seen.includes(true)) return 'not_seen'
  // an older one that was read back says nothing about those since
  const read = safety.verifiedLossSeconds
  return read === null || read > safety.database.rpoObjectiveSeconds ? 'not_read_back' : 'recoverable'
}

const gravity = { no_point: 0, out_of_reach: 1, too_old: 2, not_seen: 3, not_read_back: 4, recoverable: 5 } satisfies Record<Standing, number>

/** What a standing lets us say: recoverable, not so, or not known. */
const certainty = {
  recoverable: 'good',
  not_read_back: 'good',
  not_seen: 'unknown',
  too_old: 'bad',
  out_of_reach: 'bad',
  no_point: 'bad',
} satisfies Record<Standing, 'good' | 'unknown' | 'bad'>

export function isSafe(standing: Standing): boolean {
  return certainty[standing] === 'good'
}

/** Every database with how it stands, the gravest first. */
export function gravestFirst(view: OverviewView): { safety: DatabaseSafety; standing: Standing }[] {
  return view.databases
    .map((safety) => ({ safety, standing: standingOf(safety, view.storages) }))
    .sort((a, b) => gravity[a.standing] - gravity[b.standing])
}

/** The overview's verdict sentence and the one next step. UX.md, "Overview": unknown is never shown as good. */
export function overviewVerdict(view: OverviewView): OverviewVerdict {
  const workerAlive = view.workers.some((worker) => worker.alive)
  const silent = workerAlive ? [] : ['No worker is alive: nothing runs until one is started, and what is queued waits.']
  if (view.databases.length === 0) {
    return {
      tone: 'none',
      lead: 'Nothing is protected yet.',
      trouble: null,
      because: ['Lifeboat knows no database.', ...silent],
      next: { kind: 'add_database' },
    }
  }
  const stands = gravestFirst(view)
  const good = stands.filter((one) => isSafe(one.standing)).length
  const worst = stands[0]
  if (worst === undefined) throw new Error('unreachable: there is a database')
  const bad = stands.filter((one) => certainty[one.standing] === 'bad').length
  const unseen = stands.filter((one) => one.standing === 'not_seen').map((one) => one.safety.database.name)
  const machine = machineLoss(view)
  const idle = stands.filter((one) => one.safety.database.scheduleCount === 0).map((one) => one.safety.database.name)
  const unread = stands.filter((one) => one.standing === 'not_read_back').map((one) => one.safety.database.name)
  const because = [
    ...(bad > 0 ? [reasonOf(worst.safety, worst.standing)] : []),
    ...silent,
    ...(unseen.length > 0 ? [`No storage that holds a copy of ${listed(unseen)} was looked at yet.`] : []),
    ...(unread.length > 0
      ? [
          `The latest ${unread.length === 1 ? 'backup' : 'backups'} of ${listed(unread)} ${unread.length === 1 ? 'was' : 'were'} not read back yet, so it is not known whether ${unread.length === 1 ? 'it is' : 'they are'} whole.`,
        ]
      : []),
    ...(idle.length > 0 ? [`Nothing backs up ${listed(idle)} by itself.`] : []),
    ...alertSentences(view, bad > 0 && worst.safety.database.reachable === false ? worst.safety.database.id : null),
    ...blindness(view.watch),
    ...(machine === null ? [] : [machine]),
    ...(catalogueLoss(view) ?? []),
    ...(view.watch.channels === 0 ? ['No channel is set up: nobody is told when something goes wrong.'] : []),
  ]
  const critical = unanswered(view, 'critical')
  return {
    tone: bad > 0 || critical !== undefined ? 'bad' : because.length > 0 ? 'warn' : 'ok',
    lead: leadOf(view.databases, good),
    trouble:
      bad === 0
        ? (alertTrouble(critical) ?? troubleIn(worst, bad, unseen, idle, machine) ?? blindTrouble(view.watch))
        : troubleIn(worst, bad, unseen, idle, machine),
    because,
    next: nextStep(view, worst, workerAlive, stands),
  }
}

function leadOf(databases: readonly DatabaseSafety[], good: number): string {
  const only = databases.length === 1 ? databases[0] : undefined
  if (only) return good === 1 ? `${only.database.name} can be recovered.` : ''
  if (good === databases.length) return `${good === 2 ? 'Both' : `All ${formatCount(good)}`} databases can be recovered.`
  return `${formatCount(good)} of ${formatCount(databases.length)} databases can be recovered as promised.`
}

function troubleIn(
  worst: { safety: DatabaseSafety; standing: Standing },
  bad: number,
  unseen: string[],
  idle: string[],
  machine: string | null,
): string | null {
  if (bad > 0) return troubleOf(worst.safety, worst.standing, bad - 1)
  if (unseen.length > 0) return `It is not known whether the backups of ${listed(unseen)} can be reached.`
  if (idle.length > 0) return `${idle.length === 1 ? `${idle[0]} has` : `${formatCount(idle.length)} databases have`} no schedule.`
  return machine === null ? null : 'A loss of this machine is not covered.'
}

function troubleOf(safety: DatabaseSafety, standing: Standing, others: number): string {
  const name = safety.database.name
  const tail = others === 0 ? '' : ` ${formatCount(others)} more ${others === 1 ? 'is' : 'are'} not safe either.`
  if (standing === 'no_point') return `${name} has no restorable point.${tail}`
  if (standing === 'out_of_reach') return `The backups of ${name} cannot be reached.${tail}`
  return `${name} would lose ${formatDuration(safety.lossSeconds)}.${tail}`
}

function reasonOf(safety: DatabaseSafety, standing: Standing): string {
  const failed = safety.lastFailure ? ` The last backup failed: ${sentence(safety.lastFailure.message)}` : ''
  const away =
    safety.database.reachable === false
      ? ` It was not reachable when last tried${safety.database.problem === null ? '.' : `: ${sentence(safety.database.problem)}`}`
      : ''
  if (standing === 'no_point') return `${safety.lastFailure ? failed.trim() : 'No backup of it has finished yet.'}${away}`
  if (standing === 'out_of_reach' && safety.places.length === 0) return `Every storage that holds a copy was taken off the list.${failed}`
  if (standing === 'out_of_reach') return `No storage that holds a copy answers: ${listed(safety.places)}.${failed}`
  const objective = formatDuration(safety.database.rpoObjectiveSeconds)
  return `Its newest restorable point is ${formatDuration(safety.lossSeconds)} old, and its objective is ${objective}.${failed}${away}`
}

/** What a fire would take: both halves are needed, the key on paper and a verified copy elsewhere. null: covered. */
function machineLoss(view: OverviewView): string | null {
  if (view.recoveryKeyConfirmed && view.copyElsewhere) return null
  if (!view.recoveryKeyConfirmed && !view.copyElsewhere) {
    return 'The recovery key is not confirmed as saved, and not every database has a recent verified copy on another machine.'
  }
  return view.recoveryKeyConfirmed
    ? 'Not every database has a recent verified copy on another machine: what lies here alone would be lost with this one.'
    : 'The recovery key is not confirmed as saved: without it, the copies elsewhere could not be opened.'
}

/** What a loss of the catalogue would take: not the backups, which are found on the storages again, but their history. */
function catalogueLoss({ catalogue, storages }: OverviewView): string[] | null {
  if (catalogue === null || standingOf(catalogue, storages) === 'recoverable') return null
  const since = catalogue.lossSeconds === null ? 'has no backup yet' : `was last backed up ${formatDuration(catalogue.lossSeconds)} ago`
  const read = catalogue.lossSeconds !== null && catalogue.objectiveMet ? ', and that was not read back' : ''
  return [`Lifeboat’s own catalogue ${since}${read}: if it were lost, backups would be found on the storages again, and who did what would not.`]
}

function nextStep(
  view: OverviewView,
  worst: { safety: DatabaseSafety; standing: Standing },
  workerAlive: boolean,
  stands: { safety: DatabaseSafety; standing: Standing }[],
): NextStep {
  if (view.storages.length === 0) return { kind: 'add_storage' }
  if (!workerAlive) return { kind: 'start_worker' }
  const { safety, standing } = worst
  const database = safety.database.name
  if (standing === 'out_of_reach' || standing === 'not_seen') return { kind: 'look_at_storages' }
  if (standing === 'no_point' || standing === 'too_old') {
    if (safety.running) return { kind: 'watch', title: safety.running.title, operationId: safety.running.id }
    if (safety.database.reachable === false) return { kind: 'see_connection', database, databaseId: safety.database.id }
    if (safety.lastFailure) return { kind: 'see_failure', database, operationId: safety.lastFailure.operationId }
    return { kind: 'back_up', database, databaseId: safety.database.id }
  }
  if (standing === 'not_read_back') {
    if (safety.running) return { kind: 'watch', title: safety.running.title, operationId: safety.running.id }
    return { kind: 'verify', database, databaseId: safety.database.id }
  }
  const critical = unanswered(view, 'critical')
  if (critical) return { kind: 'answer_alert', title: critical.name, alertId: critical.id }
  const idle = stands.find((one) => one.safety.database.scheduleCount === 0)
  if (idle) return { kind: 'schedule', database: idle.safety.database.name, databaseId: idle.safety.database.id }
  const warning = unanswered(view, 'warning')
  if (warning) return { kind: 'answer_alert', title: warning.name, alertId: warning.id }
  if (!view.recoveryKeyConfirmed) return { kind: 'recovery_key' }
  if (!view.copyElsewhere) return { kind: 'storage_elsewhere' }
  if (view.watch.channels === 0) return { kind: 'add_channel' }
  const own = view.catalogue
  if (own !== null && !isSafe(standingOf(own, view.storages))) {
    return { kind: 'back_up', database: own.database.name, databaseId: own.database.id }
  }
  const unmeasured = stands.find((one) => one.safety.recoverySeconds === null)
  return unmeasured ? { kind: 'rehearse', database: unmeasured.safety.database.name, databaseId: unmeasured.safety.database.id } : { kind: 'nothing' }
}

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? ''
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${formatCount(names.length - 3)} more`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
