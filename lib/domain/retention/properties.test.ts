import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Keep, keepUnits, type ScheduledTier, scheduledTiers } from '../keep.ts'
import { tiers } from '../states.ts'
import { addKeep, dayMs, keepsAsLong } from './periods.ts'
import { planRetention } from './plan.ts'
import { witnessesOf } from './witnesses.ts'
import type { RetentionBackup, RetentionCopy, RetentionInput, RetentionRule, RetentionSettings } from './types.ts'

/** Histories are generated backwards from here; most backups are some days old, some are of the same hour. */
const now = new Date('2026-11-22T12:00:00Z')
const databases = ['billing', 'shop'] as const
const storages = ['near', 'far'] as const
const settings: RetentionSettings = { deletionsPerRun: Number.MAX_SAFE_INTEGER, shrinkDelayHours: 72, safetyDays: 30, unlookedDays: 90 }

const keep = fc.record({
  unit: fc.constantFrom('days', 'days', ...keepUnits),
  count: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) }),
})
const agoMs = fc.oneof(fc.integer({ min: 0, max: 3 * dayMs }), fc.integer({ min: 0, max: 120 * dayMs }), fc.integer({ min: 0, max: 1000 * dayMs }))
const ago = agoMs.map((ms) => new Date(now.getTime() - ms))
const state = fc.oneof(
  { weight: 12, arbitrary: fc.constant('verified' as const) },
  { weight: 3, arbitrary: fc.constantFrom('stored', 'retained', 'missing', 'corrupt', 'waiting', 'storing', 'failed', 'deleted') },
)
const copies = fc
  .tuple(
    ...storages.map((storageId) =>
      fc.option(fc.record({ storageId: fc.constant(storageId), state, locked: fc.integer({ min: -9, max: 1 }) }), { freq: 8 }),
    ),
  )
  .map((made) => made.filter((one) => one !== null))
const hold = fc.record({ kind: fc.oneof(fc.constantFrom('legal', 'manual'), fc.string()), reason: fc.string() })
const backup = fc.record({
  databaseId: fc.constantFrom(...databases),
  tier: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...scheduledTiers) }, { weight: 2, arbitrary: fc.constantFrom(...tiers) }),
  createdAt: ago,
  suspicious: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  looked: fc.constantFrom(null, null, 'fine' as const, 'bad' as const),
  undoUntil: fc.option(agoMs.map((ms) => new Date(now.getTime() + 7 * dayMs - ms))),
  holds: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(hold, { minLength: 1, maxLength: 2 }) }),
  copies,
})
const place = fc.record({
  databaseId: fc.option(fc.constantFrom(...databases)),
  storageId: fc.option(fc.constantFrom(...storages)),
  tier: fc.constantFrom(...scheduledTiers),
})
const ruleOf = fc.record({ place, keep, pending: fc.option(fc.record({ keep: fc.option(keep), from: ago }), { freq: 4 }) })

/** as the catalogue has it */
const onePerPlace = (rules: RetentionRule[]): RetentionRule[] => [...new Map(rules.map((rule) => [rule.id, rule])).values()]

const history = fc
  .record({
    backups: fc.array(backup, { maxLength: 60, size: 'max' }),
    rules: fc.array(ruleOf, { maxLength: 4 }),
    defaults: fc.tuple(keep, keep, keep),
    duties: fc.array(fc.record({ tier: fc.constantFrom(...scheduledTiers), keep }), { maxLength: 2 }),
  })
  .map(
    (made): RetentionInput => ({
      now,
      settings,
      databases: [
        { id: 'billing', tags: ['financial'], isCatalogue: false },
        { id: 'shop', tags: [], isCatalogue: true },
      ],
      duties: made.duties.map((duty, index) => ({ id: `duty${index}`, name: 'SOX', tag: 'financial', endsAt: null, ...duty })),
      rules: onePerPlace([
        ...scheduledTiers.map((tier, index) =>
          ruleAt({ databaseId: null, storageId: null, tier }, made.defaults[index] ?? { unit: 'days', count: 1 }),
        ),
        ...made.rules.map((rule) => ({ ...ruleAt(rule.place, rule.keep), pending: rule.pending })),
      ]),
      backups: made.backups.map((one, index) => ({
        ...one,
        id: `backup${index}`,
        copies: one.copies.map(
          (copy): RetentionCopy => ({
            id: `backup${index} on ${copy.storageId}`,
            storageId: copy.storageId,
            state: copy.state,
            storedBytes: 1,
            verifiedAt: copy.state === 'verified' || copy.locked % 2 === 0 ? one.createdAt : null,
            retainedUntil: copy.state === 'retained' ? new Date(now.getTime() + copy.locked * dayMs) : null,
          }),
        ),
      })),
    }),
  )

function ruleAt(at: Pick<RetentionRule, 'databaseId' | 'storageId' | 'tier'>, kept: Keep): RetentionRule {
  return { id: JSON.stringify(at), ...at, keep: kept, pending: null }
}

function deleted(input: RetentionInput): Set<string> {
  return new Set(planRetention(input).deletions.map((fate) => fate.copyId))
}

function isWithin(inner: Set<string>, outer: Set<string>): void {
  expect([...inner].filter((id) => !outer.has(id))).toEqual([])
}

/** All copies of a database on a storage that were read back whole and are in no doubt, the newest first. */
function good(input: RetentionInput, databaseId: string, storageId: string): { backup: RetentionBackup; copy: RetentionCopy }[] {
  return input.backups
    .filter(
      (one) => one.databaseId === databaseId && one.tier !== 'imported' && (!one.suspicious || one.looked === 'fine') && one.createdAt <= input.now,
    )
    .flatMap((one) => one.copies.map((copy) => ({ backup: one, copy })))
    .filter(({ copy }) => copy.storageId === storageId && (copy.state === 'verified' || (copy.state === 'retained' && copy.verifiedAt !== null)))
    .sort((a, b) => b.backup.createdAt.getTime() - a.backup.createdAt.getTime())
}

function forAll(holds: (input: RetentionInput) => void): void {
  fc.assert(fc.property(history, holds), { numRuns: 400 })
}

test('the histories that are generated try what they are for: in most of them something is deleted', () => {
  const sample = fc.sample(history, { numRuns: 300, seed: 1 })
  expect(sample.filter((input) => deleted(input).size > 0).length).toBeGreaterThan(150)
})

test('the newest verified backup of a database is never deleted, on no storage; nothing goes without a newer one there', () => {
  forAll((input) => {
    const gone = deleted(input)
    for (const databaseId of databases)
      for (const storageId of storages) {
        const newest = good(input, databaseId, storageId)[0]
        if (newest !== undefined) expect(gone).not.toContain(newest.copy.id)
        for (const one of input.backups.filter((of) => of.databaseId === databaseId))
          for (const copy of one.copies)
            if (copy.storageId === storageId && gone.has(copy.id)) expect(newest?.backup.createdAt.getTime()).toBeGreaterThan(one.createdAt.getTime())
      }
  })
})

test('in every tier the newest verified backup stays on each storage', () => {
  forAll((input) => {
    const gone = deleted(input)
    for (const databaseId of databases)
      for (const storageId of storages)
        for (const tier of scheduledTiers) {
          const newest = good(input, databaseId, storageId).find((one) => one.backup.tier === tier)
          if (newest !== undefined) expect(gone).not.toContain(newest.copy.id)
        }
  })
})

test('with every newer backup bad the last verified one is kept past its age', () => {
  forAll((input) => {
    for (const databaseId of databases)
      for (const storageId of storages) {
        const last = good(input, databaseId, storageId).at(-1)
        if (last === undefined) continue
        const damaged = input.backups.map((one) => ({
          ...one,
          copies: one.copies.map((copy) =>
            one.databaseId === databaseId && copy.storageId === storageId && copy.id !== last.copy.id ? { ...copy, state: 'corrupt' as const } : copy,
          ),
        }))
        expect(deleted({ ...input, backups: damaged })).not.toContain(last.copy.id)
      }
  })
})

test('a hold keeps every copy of its backup, and so does a hold of a kind that nobody knows', () => {
  forAll((input) => {
    const held = input.backups.filter((one) => one.holds.length > 0).flatMap((one) => one.copies.map((copy) => copy.id))
    const gone = deleted(input)
    for (const id of held) expect(gone).not.toContain(id)
  })
})

test('to hold a backup more deletes nothing that would have stayed', () => {
  fc.assert(
    fc.property(history, fc.nat(59), fc.string(), (input, which, kind) => {
      const backups = input.backups.map((one, index) => (index === which ? { ...one, holds: [...one.holds, { kind, reason: '' }] } : one))
      isWithin(deleted({ ...input, backups }), deleted(input))
    }),
  )
})

test('manual and imported backups never go; safety backups not before their days and the undo period are over', () => {
  forAll((input) => {
    const gone = deleted(input)
    for (const one of input.backups)
      for (const copy of one.copies) {
        if (!gone.has(copy.id)) continue
        expect(['manual', 'imported']).not.toContain(one.tier)
        if (one.tier !== 'safety') continue
        expect(now.getTime()).toBeGreaterThanOrEqual(one.createdAt.getTime() + 30 * dayMs)
        expect(now.getTime()).toBeGreaterThanOrEqual(one.undoUntil?.getTime() ?? 0)
      }
  })
})

test('a copy that was not read back, or a suspicious backup that nobody looked at, stays 90 days', () => {
  forAll((input) => {
    const gone = deleted(input)
    for (const one of input.backups)
      for (const copy of one.copies)
        if (gone.has(copy.id) && (copy.state === 'stored' || copy.state === 'corrupt' || (one.suspicious && one.looked === null)))
          expect(now.getTime() - one.createdAt.getTime()).toBeGreaterThanOrEqual(90 * dayMs)
  })
})

test('what is unverified or in doubt counts for nothing: with more of it no more is deleted', () => {
  const doubtful = fc.record({ one: backup, how: fc.constantFrom('unverified', 'suspicious', 'bad') })
  fc.assert(
    fc.property(history, fc.array(doubtful, { maxLength: 20 }), (input, more) => {
      const added = more.map(
        ({ one, how }, index): RetentionBackup => ({
          ...one,
          id: `more${index}`,
          holds: [],
          suspicious: how !== 'unverified',
          looked: how === 'bad' ? 'bad' : null,
          copies: storages.map((storageId) => ({
            id: `more${index} on ${storageId}`,
            storageId,
            state: how === 'unverified' ? 'stored' : 'verified',
            storedBytes: 1,
            verifiedAt: one.createdAt,
            retainedUntil: null,
          })),
        }),
      )
      const before = deleted(input)
      const after = [...deleted({ ...input, backups: [...input.backups, ...added] })].filter((id) => !id.startsWith('more'))
      expect(new Set(after)).toEqual(before)
    }),
  )
})

test('the copies that a plan leans on are enough: with them alone seen, the same goes', () => {
  forAll((input) => {
    const seen = new Set(witnessesOf(input, planRetention(input)).map((one) => one.copyId))
    expect(deleted({ ...input, seen })).toEqual(deleted(input))
  })
})

test('the fewer copies were seen to be there, the less goes; with none seen nothing goes', () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat(9), { minLength: 120, maxLength: 120 }), fc.integer({ min: 1, max: 9 }), (input, dice, share) => {
      const all = input.backups.flatMap((one) => one.copies.map((copy) => copy.id))
      const seen = new Set(all.filter((_, index) => (dice[index] ?? 0) < share))
      isWithin(deleted({ ...input, seen }), deleted(input))
      expect(deleted({ ...input, seen: new Set() })).toEqual(new Set())
    }),
    { numRuns: 400 },
  )
})

test('a clock that runs ahead by days or years, or behind by hours, deletes nothing that the right one would not', () => {
  const jump = fc.oneof(fc.constantFrom(40 * dayMs, -2 * 3_600_000), fc.integer({ min: -30 * dayMs, max: 4000 * dayMs }))
  fc.assert(
    fc.property(history, jump, (input, ms) => {
      isWithin(deleted({ ...input, now: new Date(now.getTime() + ms) }), deleted(input))
    }),
    { numRuns: 1000 },
  )
})

test('a backup that is dated in the future, by a worker whose clock jumped, evicts nothing', () => {
  fc.assert(
    fc.property(history, fc.array(fc.tuple(backup, fc.integer({ min: 1, max: 400 * dayMs })), { maxLength: 30 }), (input, future) => {
      const added = future.map(([one, ahead], index): RetentionBackup => {
        const createdAt = new Date(now.getTime() + ahead)
        const copy = { id: `future${index}`, storageId: 'near', state: 'verified' as const, storedBytes: 1, verifiedAt: now, retainedUntil: null }
        return { ...one, id: `future${index}`, createdAt, suspicious: false, copies: [copy] }
      })
      expect(deleted({ ...input, backups: [...input.backups, ...added] })).toEqual(deleted(input))
    }),
  )
})

test('one verified backup of a clock that leapt ahead by months or years, of the catalogue and the workers alike, ends nothing', () => {
  const wrong = fc.record({
    tier: fc.constantFrom(...scheduledTiers, 'manual' as const, 'safety' as const),
    leap: fc.integer({ min: 37 * dayMs, max: 4000 * dayMs }),
    since: fc.integer({ min: 0, max: 30 * dayMs }),
    more: fc.array(fc.record({ tier: fc.constantFrom(...scheduledTiers), ms: fc.integer({ min: 0, max: 19 * 3_600_000 }) }), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(history, wrong, (made, { tier, leap, since, more }) => {
      // backups come as they should until the clock leaps
      const input = {
        ...made,
        backups: [...made.backups, ...[0, 1, 2].map((day) => everywhere(`day ${day}`, 'daily', now.getTime() - day * dayMs)).flat()],
      }
      const at = now.getTime() + leap
      const leapt = [everywhere('wrong', tier, at), ...more.map((one, index) => everywhere(`wrong ${index}`, one.tier, at - one.ms))].flat()
      const after = deleted({ ...input, now: new Date(at + since), backups: [...input.backups, ...leapt] })
      isWithin(after, deleted(input))
    }),
    { numRuns: 1000 },
  )
})

test('an outage of months delays: with the second verified backup after it, a day later, its time goes on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 36, max: 1000 }), fc.integer({ min: 1, max: 30 }), (outage, apart) => {
      const daily = (day: number): RetentionBackup => simple('daily', new Date(now.getTime() - day * dayMs))
      const before = Array.from({ length: 40 }, (_, index) => daily(apart + outage + index))
      const once = simplest([daily(apart), ...before], { unit: 'days', count: 30 })
      const twice = simplest([daily(0), daily(apart), ...before], { unit: 'days', count: 30 })
      // what its own days had made due before it
      expect(deleted(once).size).toBe(10)
      expect(deleted(twice).size).toBe(12)
    }),
  )
})

test('an outage of months empties nothing: without a newer backup the same copies stay, however much time passes', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 0, max: 4000 }), (input, days) => {
      const left = { ...input, backups: without(input.backups, deleted(input)) }
      expect(deleted({ ...left, now: new Date(now.getTime() + days * dayMs) })).toEqual(new Set())
    }),
  )
})

test('the first verified backup after an outage pushes out at most what one period did before', () => {
  const days: Keep = { unit: 'days', count: 30 }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (outage) => {
      const daily = (day: number): RetentionBackup => simple('daily', new Date(now.getTime() - day * dayMs))
      const before = Array.from({ length: 30 }, (_, index) => daily(outage + index))
      expect(deleted(simplest([daily(0), ...before], days)).size).toBeLessThanOrEqual(1)
    }),
  )
})

test('however many verified backups come within a few days, those within the window and of the other periods stay', () => {
  const flood = fc.array(fc.tuple(fc.constantFrom(...scheduledTiers), fc.integer({ min: 0, max: 2 * dayMs })), { maxLength: 200 })
  fc.assert(
    fc.property(flood, fc.integer({ min: 5, max: 40 }), (made, count) => {
      const history = Array.from({ length: count }, (_, day) => simple('daily', new Date(now.getTime() - day * dayMs)))
      const added = made.map(([tier, ms]) => simple(tier, new Date(now.getTime() - ms)))
      expect(deleted(simplest([...history, ...added], { unit: 'days', count }))).toEqual(new Set())
    }),
  )
})

test('what a duty asks for stays for as long as it asks, whatever the rules say', () => {
  forAll((input) => {
    const gone = deleted(input)
    for (const one of input.backups)
      for (const duty of input.duties)
        if (one.databaseId === 'billing' && one.tier === duty.tier && addKeep(one.createdAt.getTime(), duty.keep) > now.getTime())
          for (const copy of one.copies) expect(gone).not.toContain(copy.id)
  })
})

test('a longer rule never deletes more', () => {
  // as dense as backups come, with gaps here and there: only there a month holds 31 of them, and two months share a week
  const dense = fc.record({
    days: fc.integer({ min: 1, max: 500 }),
    every: fc.constantFrom(1, 1, 2, 7, 30),
    gaps: fc.array(fc.tuple(fc.nat(500), fc.nat(40)), { maxLength: 4 }),
    hour: fc.nat(23),
    end: fc.nat(400),
  })
  const pair = fc.record({ before: keep, unit: fc.constantFrom(...keepUnits), more: fc.constantFrom(0, 0, 1) })
  fc.assert(
    fc.property(dense, pair, ({ days, every, gaps, hour, end }, { before, unit, more }) => {
      const backups = Array.from({ length: days }, (_, day) => day)
        .filter((day) => day % every === 0 && !gaps.some(([from, length]) => day > from && day < from + length))
        .map((day) => simple('daily', new Date(Date.UTC(2026, 10, 22 - day - end, hour))))
      const counts = Array.from({ length: 15_000 }, (_, index) => index + 1)
      const least = counts.find((count) => keepsAsLong(before, { unit, count })) ?? 0
      isWithin(deleted(simplest(backups, { unit, count: least + more })), deleted(simplest(backups, before)))
    }),
    { numRuns: 600 },
  )
})

test('what is called longer is longer on any history, also beside other rules, duties and storages', () => {
  fc.assert(
    fc.property(history, fc.nat(8), keep, (input, which, longer) => {
      const rule = input.rules[which % input.rules.length]
      fc.pre(rule !== undefined && keepsAsLong(rule.keep, longer))
      const before = input.rules.map((one) => (one === rule ? { ...one, pending: null } : one))
      const after = input.rules.map((one) => (one === rule ? { ...one, keep: longer, pending: null } : one))
      isWithin(deleted({ ...input, rules: after }), deleted({ ...input, rules: before }))
    }),
  )
})

test('a changed rule that waits deletes nothing before its day that the old one would not, and nothing that it would not itself', () => {
  fc.assert(
    fc.property(history, fc.nat(8), fc.option(keep), fc.integer({ min: 1, max: 90 * dayMs }), (made, which, changed, ahead) => {
      // no other one waits at the same time
      const input = { ...made, rules: made.rules.map((rule) => ({ ...rule, pending: null })) }
      const at = which % input.rules.length
      const withRule = (rule: Partial<RetentionRule> | null): Set<string> =>
        deleted({ ...input, rules: input.rules.flatMap((one, index) => (index !== at ? [one] : rule === null ? [] : [{ ...one, ...rule }])) })
      const waiting = withRule({ pending: { keep: changed, from: new Date(now.getTime() + ahead) } })
      isWithin(waiting, withRule({ pending: null }))
      isWithin(waiting, changed === null ? withRule(null) : withRule({ keep: changed, pending: null }))
    }),
  )
})

test('storages do not know of each other: what lies on one changes nothing on the other', () => {
  forAll((input) => {
    const only = (storageId: string): RetentionInput => ({
      ...input,
      backups: input.backups.map((one) => ({ ...one, copies: one.copies.filter((copy) => copy.storageId === storageId) })),
    })
    expect(deleted(input)).toEqual(new Set([...deleted(only('near')), ...deleted(only('far'))]))
  })
})

test('what a run deletes leaves nothing for the next one to delete', () => {
  forAll((input) => {
    expect(deleted({ ...input, backups: without(input.backups, deleted(input)) })).toEqual(new Set())
  })
})

test('a run deletes no more than it may, the oldest first, and the rest waits', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 5 }), (input, deletionsPerRun) => {
      const all = planRetention(input).deletions.map((fate) => fate.copyId)
      const plan = planRetention({ ...input, settings: { ...settings, deletionsPerRun } })
      const times = plan.deletions.map((fate) => fate.createdAt.getTime())
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(plan.deletions.map((fate) => fate.copyId)).toEqual(all.slice(0, deletionsPerRun))
      const capped = plan.copies.filter((fate) => fate.reasons.some((reason) => reason.kind === 'cap'))
      expect(capped.map((fate) => fate.action)).toEqual(all.slice(deletionsPerRun).map(() => 'wait'))
    }),
  )
})

test('without any rule everything stays', () => {
  forAll((input) => {
    const scheduled = planRetention({ ...input, rules: [] }).deletions.filter((fate) => fate.tier !== 'safety')
    expect(scheduled).toEqual([])
  })
})

test('every copy but a deleted one has a fate with a reason, and a date of a kept one lies ahead', () => {
  forAll((input) => {
    const plan = planRetention(input)
    expect(plan.copies.length).toBe(input.backups.flatMap((one) => one.copies).filter((copy) => copy.state !== 'deleted').length)
    for (const fate of plan.copies) {
      expect(fate.reasons.length).toBeGreaterThan(0)
      if (fate.action !== 'delete' && fate.until !== null) expect(fate.until.getTime()).toBeGreaterThan(now.getTime())
    }
  })
})

function without(backups: readonly RetentionBackup[], gone: Set<string>): RetentionBackup[] {
  return backups.map((one) => ({ ...one, copies: one.copies.filter((copy) => !gone.has(copy.id)) }))
}

/** Verified, of each database on each storage. */
function everywhere(name: string, tier: RetentionBackup['tier'], at: number): RetentionBackup[] {
  return databases.map((databaseId) => {
    const id = `${name} of ${databaseId}`
    const createdAt = new Date(at)
    const copies = storages.map(
      (storageId): RetentionCopy => ({
        id: `${id} on ${storageId}`,
        storageId,
        state: 'verified',
        storedBytes: 1,
        verifiedAt: createdAt,
        retainedUntil: null,
      }),
    )
    return { id, databaseId, tier, createdAt, suspicious: false, looked: null, undoUntil: null, holds: [], copies }
  })
}

let made = 0

function simple(tier: ScheduledTier, createdAt: Date): RetentionBackup {
  const id = `${tier} ${createdAt.toISOString()} ${(made += 1)}`
  const copy: RetentionCopy = { id, storageId: 'near', state: 'verified', storedBytes: 1, verifiedAt: createdAt, retainedUntil: null }
  return { id, databaseId: 'billing', tier, createdAt, suspicious: false, looked: null, undoUntil: null, holds: [], copies: [copy] }
}

function simplest(backups: RetentionBackup[], every: Keep): RetentionInput {
  const rules = scheduledTiers.map((tier) => ruleAt({ databaseId: null, storageId: null, tier }, every))
  return { now, settings, databases: [{ id: 'billing', tags: [], isCatalogue: false }], duties: [], rules, backups }
}
