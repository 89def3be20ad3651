import { LifeboatError } from '#lib/domain/errors.ts'
import { keep, type Keep } from '#lib/domain/keep.ts'
import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { withoutNewer } from '#lib/domain/retention/explain.ts'
import { formatCount } from '#lib/domain/units.ts'
import { size, table } from './output.ts'

/** `30 days`, `1 week`, `7y`; an empty one is refused. Throws `usage`. */
export function keepOf(words: string): Keep {
  const [, count, letter] = /^\s*(\d{1,4})\s*(d|w|m|y)[a-z]*\s*$/i.exec(words) ?? []
  const units = { d: 'days', w: 'weeks', m: 'months', y: 'years' } as const
  const unit = units[(letter ?? '').toLowerCase() as keyof typeof units]
  const parsed = keep.safeParse({ unit, count: Number(count) })
  if (parsed.success) return parsed.data
  const reason = unit === undefined || count === undefined ? 'That is no time to keep backups.' : (parsed.error.issues[0]?.message ?? '')
  throw new LifeboatError('usage', reason, 'As "30 days", "12 weeks", "12 months", "7 years". Nothing was changed.')
}

/** What goes and stays, in one or two sentences. */
export function verdictWords({ totals }: SimulationView): string {
  const waiting = totals.waiting === 0 ? '' : ` ${formatCount(totals.waiting)} more would go, and wait.`
  return totals.deleted === 0
    ? `As the history stands no copy would go; ${formatCount(totals.kept, 'copy', 'copies')} would stay.${waiting}`
    : `As the history stands ${formatCount(totals.deleted, 'copy', 'copies')} would go, ${formatCount(totals.kept)} would stay; that frees ${size(totals.freedBytes)}.${waiting}`
}

export function simulationWords(view: SimulationView): string {
  const shown = view.backups.slice(0, 40)
  return [
    verdictWords(view),
    ...(view.actsFrom === null ? [] : [`It is shorter than what is in force: it would act from ${view.actsFrom}.`]),
    ...view.dutiesBroken.map((finding) => `${finding.message} ${finding.remedy}`),
    '',
    table(
      ['STORAGE', 'STAY', 'GO', 'FREES'],
      view.storages.map((one) => [one.name, String(one.kept), String(one.deleted), size(one.freedBytes)]),
    ),
    ...(view.timeline.length === 0
      ? []
      : [
          '',
          table(
            ['DAY', 'GO', 'FREES'],
            view.timeline.slice(0, 30).map((one) => [one.day, String(one.deleted), size(one.bytes)]),
          ),
        ]),
    ...(view.timeline.length > 30 ? [`and ${formatCount(view.timeline.length - 30, 'more day', 'more days')}`] : []),
    ...(shown.length === 0
      ? []
      : [
          '',
          table(
            ['BACKUP', 'DATABASE', 'IN FORCE', 'TRIED'],
            shown.map((one) => [one.name, one.database.name, one.now.words, one.tried.words]),
          ),
        ]),
    ...(view.backups.length + view.more > shown.length ? [`and ${formatCount(view.backups.length + view.more - shown.length)} more`] : []),
    '',
    withoutNewer,
  ].join('\n')
}
