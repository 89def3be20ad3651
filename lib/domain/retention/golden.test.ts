import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { keep as keepShape, type ScheduledTier } from '../keep.ts'
import type { CopyState, Tier } from '../states.ts'
import { fateWords } from './explain.ts'
import { planRetention } from './plan.ts'
import type { RetentionBackup, RetentionCopy, RetentionInput, RetentionRule } from './types.ts'

/** Every history beside this file with the plan that follows from it: a changed rule shows in the review of the plans. */
const directory = path.join(import.meta.dirname, 'golden')
const histories = readdirSync(directory).filter((name) => name.endsWith('.history'))

test.each(histories)('%s: what stays, waits and goes is what stands in its plan', async (name) => {
  const input = parse(readFileSync(path.join(directory, name), 'utf8'))
  await expect(render(input)).toMatchFileSnapshot(path.join(directory, name.replace('.history', '.plan')))
})

function render(input: RetentionInput): string {
  const lines = planRetention(input).copies.map((fate) =>
    [
      fate.createdAt.toISOString().slice(0, 16).replace('T', ' '),
      fate.tier.padEnd(8),
      fate.storageId,
      fate.state.padEnd(14),
      fate.action.padEnd(6),
      fateWords(fate) + (fate.reasons.length > 1 ? ` [${fate.reasons.map(({ kind }) => kind).join(', ')}]` : ''),
    ].join('  '),
  )
  return `${lines.join('\n')}\n`
}

function parse(text: string): RetentionInput {
  const rules: RetentionRule[] = []
  const backups: RetentionBackup[] = []
  const input = {
    now: new Date(Number.NaN),
    rules,
    duties: [] as RetentionInput['duties'][number][],
    settings: { deletionsPerRun: 200, shrinkDelayHours: 72, safetyDays: 30, unlookedDays: 90 },
    databases: [{ id: 'billing', tags: [] as string[], isCatalogue: false }],
    backups,
  } satisfies RetentionInput
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const [word = '', ...rest] = line.split(/ +/)
    if (word === 'now') input.now = time(rest.join(' '))
    else if (word === 'most') input.settings.deletionsPerRun = Number(rest[0])
    else if (word === 'tag') input.databases[0]?.tags.push(rest[0] ?? '')
    else if (word === 'duty')
      input.duties.push({
        id: 'duty',
        name: rest[0] ?? '',
        tag: rest[1] ?? '',
        tier: rest[2] as ScheduledTier,
        keep: keep(rest.slice(3)),
        endsAt: null,
      })
    else if (word === 'rule') rules.push(rule(rest))
    else backups.push(...backupsOf(word as Tier, rest))
  }
  return input
}

/** `daily 30 days [on <storage>] [then 5 days from 2026-11-24 12:00]` */
function rule([tier, count, unit, ...rest]: string[]): RetentionRule {
  const pending = rest[0] === 'then' ? { keep: keep(rest.slice(1, 3)), from: time(rest.slice(4).join(' ')) } : null
  return {
    id: 'rule',
    databaseId: null,
    storageId: rest[0] === 'on' ? (rest[1] ?? null) : null,
    tier: tier as ScheduledTier,
    keep: keep([count ?? '', unit ?? '']),
    pending,
  }
}

function keep([count, unit]: string[]): RetentionRule['keep'] {
  return keepShape.parse({ count: Number(count), unit })
}

function time(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`)
}

/** `2026-11-01..2026-11-22/7 03:00 near far:stored suspicious bad hold=legal locked=2027-02-01 undo=2026-12-01` */
function backupsOf(tier: Tier, [days = '', hour = '', ...rest]: string[]): RetentionBackup[] {
  const [range = '', step = '1'] = days.split('/')
  const [first = '', last = first] = range.split('..')
  const value = (name: string): string | null => rest.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
  const storages = rest.filter((one) => /^(near|far)(:|$)/.test(one))
  const hold = value('hold')
  const locked = value('locked')
  const undo = value('undo')
  const backups: RetentionBackup[] = []
  for (
    const at = time(`${first} ${hour}`);
    at <= time(`${last} ${hour}`);
    step === 'month' ? at.setUTCMonth(at.getUTCMonth() + 1) : at.setUTCDate(at.getUTCDate() + Number(step))
  ) {
    const createdAt = new Date(at)
    const id = `${tier} ${createdAt.toISOString()}`
    backups.push({
      id,
      databaseId: 'billing',
      tier,
      createdAt,
      suspicious: rest.includes('suspicious'),
      looked: rest.includes('bad') ? 'bad' : rest.includes('fine') ? 'fine' : null,
      undoUntil: undo === null ? null : new Date(undo),
      holds: hold === null ? [] : [{ kind: hold, reason: 'a case' }],
      copies: storages.map((one): RetentionCopy => {
        const [storageId = '', state = 'verified'] = one.split(':')
        const verifiedAt = state === 'verified' || state === 'retained' ? createdAt : null
        return {
          id: `${id} ${one}`,
          storageId,
          state: state as CopyState,
          storedBytes: 1000,
          verifiedAt,
          retainedUntil: locked === null ? null : new Date(locked),
        }
      }),
    })
  }
  return backups
}
