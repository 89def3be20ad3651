import { keepWords } from '../keep.ts'
import type { CopyState } from '../states.ts'
import { formatCount, formatDate, formatUtc } from '../units.ts'
import { catalogueBackups } from './evidence.ts'
import type { CopyFate, RetentionReason } from './types.ts'

/** A reason as a sentence. Every date is when it would go if verified backups go on coming: `withoutNewer` says what else. */
export function explainReason(reason: RetentionReason): string {
  return (sentences[reason.kind] as (one: RetentionReason) => string)(reason)
}

/** Stands once beside any list of dates. */
export const withoutNewer =
  'Each date holds if verified backups go on coming. Without newer ones nothing goes: periods without a backup do not use up what a rule keeps.'

const states = {
  waiting: 'it waits to be made',
  storing: 'it is being stored',
  failed: 'it failed and will be made again',
  stored: 'it is stored',
  verified: 'it is verified',
  missing: 'it is missing',
  corrupt: 'it is damaged',
  delete_pending: 'it is being deleted',
  retained: 'a lock keeps it',
  deleted: 'it is deleted',
} satisfies Record<CopyState, string>

type Of<Kind extends RetentionReason['kind']> = Extract<RetentionReason, { kind: Kind }>

const sentences: { [Kind in RetentionReason['kind']]: (reason: Of<Kind>) => string } = {
  rule: ({ tier, keep, until }) => `The rule for ${tier} backups, ${keepWords(keep)}, keeps it until ${formatDate(until)}.`,
  duty: ({ name, tier, keep, until }) =>
    `${name} asks for ${tier} backups of ${keepWords(keep)}: it stays until ${formatDate(until)} whatever a rule says.`,
  hold: ({ hold, reason }) => `${holdWords(hold)} keeps it until a person releases it: ${reason || 'no reason was given'}.`,
  last_verified: () =>
    'It is the newest backup of its database on this storage that was read back whole and is not in doubt: that one is never deleted.',
  catalogue: () => `It is one of the ${formatCount(catalogueBackups)} newest backups of the catalogue.`,
  manual: () => 'A person asked for it: no rule deletes it, only a person does.',
  imported: () => 'It was imported: no rule deletes it, only a person does.',
  safety: ({ until }) => `It was taken before a restore and stays until ${formatDate(until)}, at least for as long as that can be undone.`,
  not_looked_at: ({ until }) =>
    `It is suspicious and nobody has looked at it: it does not count, and no rule deletes it before ${formatDate(until)} unless somebody looks.`,
  unverified: ({ until }) => `This copy was not read back whole: it does not count, and no rule deletes it before ${formatDate(until)}.`,
  locked: ({ until }) => `The storage locks it until ${formatUtc(until)}.`,
  pending_rule: ({ tier, keep, from }) =>
    keep === null
      ? `The rule for ${tier} backups that keeps it goes away on ${formatUtc(from)}.`
      : `A shorter rule for ${tier} backups, ${keepWords(keep)}, acts from ${formatUtc(from)}.`,
  nothing_newer: ({ tier }) =>
    `Its time is over, and it stays until a newer ${tier === null ? '' : `${tier} `}backup is verified on this storage; after a gap of more than five weeks, until a second one is, a day later.`,
  from_the_future: ({ createdAt }) =>
    `It is dated ${formatUtc(createdAt)}, later than the catalogue’s clock: one of the two is wrong. It does not count, and it stays.`,
  no_rule: ({ tier }) => `There is no rule for ${tier} backups: it stays.`,
  not_stored: ({ state }) => `There is nothing to delete: ${states[state]}.`,
  cap: ({ limit }) => `One run deletes at most ${formatCount(limit, 'copy', 'copies')}, the oldest first: it waits for a later run.`,
  past_rule: ({ tier, keep }) =>
    `Its time by the rule for ${tier} backups, ${keepWords(keep)}, is over, and enough newer periods hold a verified backup.`,
  past_safety: ({ days }) => `A safety backup stays ${formatCount(days, 'day')} and for as long as its restore can be undone: both are over.`,
  begun: () => 'Its deletion was begun and is brought to its end.',
}

function holdWords(kind: string): string {
  if (kind === 'legal') return 'A legal hold'
  if (kind === 'manual') return 'A hold'
  return `A hold of a kind that is not known here (${kind})`
}

/** A few words after `kept until …`: what it is that keeps it longest. */
const brief: { [Kind in RetentionReason['kind']]: (reason: Of<Kind>) => string } = {
  rule: ({ tier, keep }) => `by ${tier}, ${keepWords(keep)}`,
  duty: ({ name, keep }) => `by ${name}, ${keepWords(keep)}`,
  hold: ({ hold }) => `by ${hold === 'legal' ? 'a legal hold' : 'a hold'}`,
  last_verified: () => 'as the newest verified backup',
  catalogue: () => 'as one of the newest of the catalogue',
  manual: () => 'until a person deletes it: it was taken by hand',
  imported: () => 'until a person deletes it: it was imported',
  safety: () => 'as a safety backup',
  not_looked_at: () => 'because nobody has looked at it',
  unverified: () => 'because it was not read back whole',
  locked: () => 'by a lock of the storage',
  pending_rule: () => 'until a shorter rule acts',
  nothing_newer: () => 'until a newer backup is verified',
  from_the_future: () => 'because it is dated in the future',
  no_rule: () => 'because there is no rule for it',
  not_stored: () => 'although nothing of it is stored yet',
  cap: () => 'until a later run',
  past_rule: ({ tier, keep }) => `past ${tier}, ${keepWords(keep)}`,
  past_safety: ({ days }) => `past the ${formatCount(days, 'day')} of a safety backup`,
  begun: () => 'its deletion was begun',
}

/** One line: `kept until 3 March 2027 by monthly, 12 months`, `kept by a legal hold`, `goes by rule: past daily, 30 days`. */
export function fateWords({ action, reasons: [first], until }: Pick<CopyFate, 'action' | 'reasons' | 'until'>): string {
  const why = first === undefined ? '' : (brief[first.kind] as (one: RetentionReason) => string)(first)
  if (action === 'delete') return `goes by rule: ${why}`
  if (action === 'wait')
    return until === null ? `would go, and waits ${why}` : `would go, and waits until ${formatDate(until)} ${waitsFor(first, why)}`
  return until === null ? `kept ${why}` : `kept until ${formatDate(until)} ${why}`
}

function waitsFor(first: RetentionReason | undefined, why: string): string {
  if (first?.kind === 'cap') return 'for a later run'
  if (first?.kind === 'pending_rule') return 'for a shorter rule to act'
  return why
}

/** Of a whole backup: one line where its copies share their fate, else one for each storage. */
export function backupWords(
  fates: readonly Pick<CopyFate, 'storageId' | 'action' | 'reasons' | 'until'>[],
  nameOf: (storageId: string) => string,
): string {
  const each = storedOnes(fates).map((fate) => ({ storage: nameOf(fate.storageId), words: fateWords(fate) }))
  if (each.length === 0) return 'there is no copy of it'
  if (new Set(each.map(({ words }) => words)).size === 1) return each[0]?.words ?? ''
  return each.map(({ storage, words }) => `on ${storage} ${words}`).join('; ')
}

/** When the last of its copies would go; null: no day is known for one of them. */
export function untilOf(fates: readonly Pick<CopyFate, 'reasons' | 'until'>[]): Date | null {
  let latest: Date | null = null
  for (const { until } of storedOnes(fates)) {
    if (until === null) return null
    if (latest === null || until > latest) latest = until
  }
  return latest
}

/** A copy that is not made yet says nothing of how long the others stay. */
function storedOnes<Fate extends Pick<CopyFate, 'reasons'>>(fates: readonly Fate[]): readonly Fate[] {
  const stored = fates.filter((fate) => !fate.reasons.some(({ kind }) => kind === 'not_stored'))
  return stored.length > 0 ? stored : fates
}
