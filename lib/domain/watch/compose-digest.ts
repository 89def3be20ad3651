import { formatCount, formatDuration, formatUtc } from '../units.ts'
import { checkKinds, type CheckKind, type CheckStatus, isStale, type Severity } from './check-kinds.ts'
import { type DigestCheck, type DigestDatabase, type DigestFacts, saidOfDatabase, saidOfStorage } from './digest-facts.ts'
import type { MessageContent } from './message.ts'

type Part = MessageContent['parts'][number]

interface Said {
  kind: CheckKind
  status: CheckStatus
  words: string
}

/** up to so many databases each have a part of their own; beyond that only those that need a look */
const partsAtMost = 12
const alertsAtMost = 15
const lateMs = 3_600_000

/**
 * A digest: what became of the backups within the period, and how things stand at `now`. What nobody looked at lately is unknown, also where it was
 * well when it was looked at last, and a digest with something unknown in it never says that all is well.
 */
export function composeDigest(facts: DigestFacts): MessageContent {
  const checks = new Map(facts.checks.map((check) => [`${check.kind} ${check.subject}`, check]))
  const saying = (kind: CheckKind, subject: string) => say(kind, checks.get(`${kind} ${subject}`), facts.now)
  const databases = facts.databases.map((database) => ({
    database,
    said: saidOfDatabase.map((kind) => (aboutCopies.has(kind) && !database.hasCopies ? noCopies(kind) : saying(kind, database.id))),
    alerts: facts.alerts.filter((alert) => alert.databaseId === database.id).length,
  }))
  const storages = facts.storages.map((storage) => ({ storage, said: saidOfStorage.map((kind) => saying(kind, storage.id)) }))
  const watch = facts.limited ? [] : [saying('watch', '')]
  const unknown = [...databases, ...storages]
    .flatMap((one) => one.said)
    .concat(watch)
    .filter((one) => one.status === 'unknown').length
  const total = sum(facts.databases)
  return {
    title: `${facts.every === 'daily' ? 'Daily' : 'Weekly'} digest: ${summary(facts, total, unknown)}`,
    tone: toneOf(facts, total, unknown),
    lead: leadOf(facts),
    parts: [
      { heading: 'Backups', lines: [`${countsOf(total)}.`], href: '/backups' },
      alertsPart(facts),
      ...databaseParts(databases),
      ...(storages.length === 0
        ? []
        : [{ heading: 'Storages', lines: storages.map((one) => `${one.storage.name}: ${wordsOf(one.said)}`), href: '/storages' }]),
      ...watch.map((one) => ({ heading: 'The watch itself', lines: [one.words], href: '/checks' })),
    ],
    href: '/',
    at: facts.now.toISOString(),
    data: dataOf(facts, databases),
  }
}

const aboutCopies: ReadonlySet<CheckKind> = new Set(['copies_bad', 'copies_unverified'])

/** Of no copy nothing is wrong, and nothing is proved either. */
function noCopies(kind: CheckKind): Said {
  return { kind, status: 'unknown', words: `${checkKinds[kind].title}: unknown. There is no copy yet.` }
}

function say(kind: CheckKind, check: DigestCheck | undefined, now: Date): Said {
  const { title } = checkKinds[kind]
  if (check === undefined) return { kind, status: 'unknown', words: `${title}: unknown, nobody has looked yet.` }
  if (isStale(kind, check.checkedAt, now)) {
    return { kind, status: 'unknown', words: `${title}: unknown since ${formatUtc(check.checkedAt)}, when it was looked at last.` }
  }
  return { kind, status: check.status, words: check.status === 'unknown' ? `${title}: unknown. ${check.words}` : check.words }
}

function wordsOf(said: readonly Said[]): string {
  return said.map((one) => one.words).join(' ')
}

interface OfDatabase {
  database: DigestDatabase
  said: readonly Said[]
  alerts: number
}

function databaseParts(all: readonly OfDatabase[]): Part[] {
  if (all.length === 0) return [{ heading: 'Databases', lines: ['No database is protected.'], href: '/databases' }]
  const needsALook = ({ database, said, alerts }: OfDatabase) =>
    alerts + database.failed + database.missed > 0 || said.some((one) => one.status !== 'ok')
  const own = all.length <= partsAtMost ? all : all.filter(needsALook)
  const shown = own.slice(0, partsAtMost)
  const more = own.slice(partsAtMost)
  const well = all.filter((one) => !own.includes(one))
  const lineOf = ({ database, said }: OfDatabase) => `${database.name}: ${countsOf(database)}. ${said[0]?.words ?? ''}`.trim()
  return [
    ...shown.map(({ database, said }) => ({
      heading: database.name,
      lines: [`${countsOf(database)}.`, ...said.map((one) => one.words)],
      href: `/databases/${database.id}`,
    })),
    ...(more.length === 0
      ? []
      : [{ heading: `${formatCount(more.length, 'more database')} to look at`, lines: more.map(lineOf), href: '/databases' }]),
    ...(well.length === 0 ? [] : [{ heading: `${formatCount(well.length, 'database')} in order`, lines: well.map(lineOf), href: '/databases' }]),
  ]
}

function alertsPart({ alerts, now }: DigestFacts): Part {
  const lines = alerts.slice(0, alertsAtMost).map((alert) => {
    const name = alert.subjectName === '' ? checkKinds[alert.kind].title : `${checkKinds[alert.kind].title}, ${alert.subjectName}`
    const who = alert.acknowledgedName === null ? '' : ` ${alert.acknowledgedName} has taken it on.`
    const silent = alert.silencedUntil !== null && alert.silencedUntil > now ? ` It is silenced until ${formatUtc(alert.silencedUntil)}.` : ''
    return `${severityWords[alert.severity]}, since ${formatUtc(alert.openedAt)}: ${name}. ${alert.words}${who}${silent}`
  })
  const more = alerts.length - lines.length
  const all = more > 0 ? [...lines, `And ${more} more.`] : lines
  return { heading: 'Open alerts', lines: all.length === 0 ? ['None.'] : all, href: '/alerts' }
}

const severityWords = { critical: 'Critical', warning: 'Warning' } satisfies Record<Severity, string>

type Counts = Pick<DigestDatabase, 'made' | 'failed' | 'cancelled' | 'missed'>

function sum(databases: readonly Counts[]): Counts {
  const of = (key: keyof Counts) => databases.reduce((total, one) => total + one[key], 0)
  return { made: of('made'), failed: of('failed'), cancelled: of('cancelled'), missed: of('missed') }
}

function countsOf({ made, failed, cancelled, missed }: Counts): string {
  const counted = [
    `${formatCount(made, 'backup')} made`,
    `${formatCount(failed)} failed`,
    ...(cancelled > 0 ? [`${formatCount(cancelled)} cancelled`] : []),
    `${formatCount(missed)} missed`,
  ]
  return counted.join(', ')
}

/** For the subject of a mail: what is wrong, or what is unknown, before what is well. */
function summary({ alerts, databases }: DigestFacts, total: Counts, unknown: number): string {
  const critical = alerts.filter((alert) => alert.severity === 'critical').length
  const warnings = alerts.length - critical
  const wrong = [
    ...(critical > 0 ? [`${formatCount(critical, 'critical alert')} open`] : []),
    ...(warnings > 0 ? [`${formatCount(warnings, 'warning')} open`] : []),
    ...(total.failed > 0 ? [`${formatCount(total.failed, 'backup')} failed`] : []),
    ...(total.missed > 0 ? [`${formatCount(total.missed, 'backup')} missed`] : []),
  ]
  const notKnown = unknown === 0 ? [] : [`${formatCount(unknown, 'thing')} unknown`]
  if (wrong.length > 0 || unknown > 0) return [...wrong, ...notKnown].join(', ')
  return databases.length === 0 ? 'no database is protected' : 'all is well'
}

function toneOf({ alerts, databases }: DigestFacts, total: Counts, unknown: number): MessageContent['tone'] {
  if (alerts.some((alert) => alert.severity === 'critical')) return 'critical'
  if (alerts.length > 0 || total.failed + total.missed > 0) return 'warning'
  return unknown > 0 || databases.length === 0 ? 'info' : 'good'
}

function leadOf({ from, to, now, limited, databases }: DigestFacts): string {
  const late = now.getTime() - to.getTime()
  return [
    `Backups from ${formatUtc(from)} to ${formatUtc(to)}; everything else as it stood at ${formatUtc(now)}.`,
    ...(late > lateMs ? [`This digest comes ${formatDuration(late / 1_000)} late.`] : []),
    ...(limited ? [`It is about ${formatCount(databases.length, 'database')} that this channel hears of, and about nothing else.`] : []),
  ].join(' ')
}

function dataOf({ every, from, to, alerts }: DigestFacts, databases: readonly OfDatabase[]): Record<string, unknown> {
  return {
    every,
    from: from.toISOString(),
    to: to.toISOString(),
    alertIds: alerts.map((alert) => alert.id),
    databases: databases.map(({ database, said }) => ({
      ...database,
      checks: said.map(({ kind, status }) => ({ kind, status })),
    })),
  }
}
