import { Argument, type Command, Option } from 'commander'
import { listRules, ruleOf, rulesInForce } from '#lib/catalog/retention-rules.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { readKept } from '#lib/catalog/views/kept.ts'
import { readRetention, ruleViews } from '#lib/catalog/views/retention.ts'
import { simulateRetention } from '#lib/catalog/views/simulation.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Keep, keepWords, type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'
import type { RetentionRuleView } from '#lib/domain/keeping-views.ts'
import { samePlace } from '#lib/domain/retention/places.ts'
import { withoutNewer } from '#lib/domain/retention/explain.ts'
import type { RetentionRule } from '#lib/domain/retention/types.ts'
import { removeRule, setRule } from '#lib/operations/retention-rules.ts'
import { resumePruning } from '#lib/operations/retention-settings.ts'
import { confirm } from '../ask.ts'
import { findBackup, findDatabase, findStorage } from '../find.ts'
import { print, table } from '../output.ts'
import { keepOf, simulationWords, verdictWords } from '../retention-words.ts'
import { type Session, withSession } from '../session.ts'
import { addDutyCommands } from './retention-duty.ts'

interface PlaceOptions {
  database?: string
  storage?: string
}

const tier = () => new Argument('<tier>').choices(scheduledTiers)
const database = () => new Option('--database <name>', 'of this database alone')
const storage = () => new Option('--storage <name>', 'on this storage alone')

export function addRetention(program: Command): void {
  const retention = program.command('retention').description('how long backups stay, and why')
  retention.command('show').description('rules, duties, bounds, and where they contradict each other').action(show)
  retention
    .command('set')
    .description('how long backups of a tier stay; what is shorter than before waits before it acts')
    .addArgument(tier())
    .argument('<keep>', 'as "30 days", "12 weeks", "12 months", "7 years"')
    .addOption(database())
    .addOption(storage())
    .option('--yes', 'do not ask')
    .action(set)
  retention
    .command('unset')
    .description('take away the rule of a database or storage: the next less precise one decides')
    .addArgument(tier())
    .addOption(database())
    .addOption(storage())
    .option('--yes', 'do not ask')
    .action(unset)
  addDutyCommands(retention)
  retention
    .command('simulate')
    .description('what another rule would do on the real history; writes nothing. Without a rule: what those in force do')
    .addArgument(tier().argOptional())
    .argument('[keep]', 'as "14 days"')
    .addOption(database())
    .addOption(storage())
    .action(simulate)
  retention
    .command('why')
    .description('until when each copy of a backup stays, and every reason')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .addOption(database())
    .action(why)
  retention
    .command('resume')
    .description('after a rebuild of the catalogue: delete by rule again, once somebody has looked at what goes')
    .option('--yes', 'do not ask')
    .action(resume)
}

async function show(): Promise<void> {
  const view = await withSession((session) => readRetention(session.catalog, session.actor))
  print({ retention: view }, () =>
    [
      rulesTable(view.rules),
      '',
      table(
        ['DUTY', 'TAG', 'TIER', 'KEEPS', 'DATABASES', 'ENDS', 'ID'],
        view.duties.map((one) => [
          one.name,
          one.tag,
          one.tier,
          keepWords(one.keep),
          one.databases.map(({ name }) => name).join(', ') || 'none',
          one.endsAt ?? 'never',
          one.id,
        ]),
      ),
      '',
      `At most ${view.settings.deletionsPerRun} copies are deleted in one run. A shorter rule waits ${view.settings.shrinkDelayHours} hours. Safety backups stay ${view.settings.safetyDays} days, what nobody looked at ${view.settings.unlookedDays} days.`,
      ...(view.paused === null ? [] : [`Deleting by rule is paused since ${view.paused.since}: ${view.paused.reason}. lifeboat retention resume`]),
      ...view.findings.map((finding) => `${finding.message} ${finding.remedy}`),
    ].join('\n'),
  )
}

async function set(which: ScheduledTier, words: string, options: PlaceOptions & { yes?: boolean }): Promise<void> {
  const keep = keepOf(words)
  const rule = await withSession(async (session) => {
    const place = await placeOf(session, options)
    const simulation = await tried(session, { ...place, tier: which, keep })
    if (simulation.actsFrom !== null) {
      const acts = `It is shorter: it acts from ${simulation.actsFrom}, and until then it can be taken back by setting what is in force.`
      await confirm(`${verdictWords(simulation)} ${acts} Set it?`, options.yes === true)
    }
    const row = await setRule(session.catalog, session.actor, { ...place, tier: which, keep })
    return (await ruleViews(session.catalog, [row], await catalogueNow(session.catalog)))[0]
  })
  print({ rule }, () => (rule === undefined ? '' : rulesTable([rule])))
}

async function unset(which: ScheduledTier, options: PlaceOptions & { yes?: boolean }): Promise<void> {
  const removed = await withSession(async (session) => {
    const place = { ...(await placeOf(session, options)), tier: which }
    const rule = (await rulesOf(session)).find((one) => samePlace(one, place))
    if (rule === undefined) throw new LifeboatError('not_found', `There is no rule for ${which} backups at this place.`, 'lifeboat retention show')
    await confirm(`Take away the rule for ${which} backups, ${keepWords(rule.keep)}?`, options.yes === true)
    return removeRule(session.catalog, session.actor, rule.id)
  })
  print({ rule: removed }, () =>
    removed.from === null
      ? 'The rule is gone; the next less precise one decides.'
      : `What decides without it keeps less: the rule goes away on ${removed.from}.`,
  )
}

async function simulate(which: ScheduledTier | undefined, words: string | undefined, options: PlaceOptions): Promise<void> {
  if (which !== undefined && words === undefined) throw new LifeboatError('usage', 'Say how long: lifeboat retention simulate daily "14 days"')
  const keep = words === undefined ? null : keepOf(words)
  const view = await withSession(async (session) => {
    const place = await placeOf(session, options)
    if (which !== undefined && keep !== null) return tried(session, { ...place, tier: which, keep })
    return simulateRetention(session.catalog, session.actor, { rules: await rulesOf(session), databaseId: place.databaseId })
  })
  print({ simulation: view }, () => simulationWords(view))
}

async function why(which: string, options: PlaceOptions): Promise<void> {
  const kept = await withSession(async (session) => {
    const backup = await findBackup(session, which, options.database, 'verify')
    return { name: backup.name, ...(await readKept(session.catalog, session.actor, backup.id)) }
  })
  print({ kept }, () =>
    [
      `${kept.name}: ${kept.words}`,
      ...kept.copies.flatMap((copy) => [`${copy.storage.name} (${copy.state}): ${copy.action}`, ...copy.reasons.map((reason) => `  ${reason}`)]),
      withoutNewer,
    ].join('\n'),
  )
}

async function resume(options: { yes?: boolean }): Promise<void> {
  const view = await withSession(async (session) => {
    const { paused } = await readRetention(session.catalog, session.actor)
    if (paused === null) throw new LifeboatError('refused', 'Deleting by rule is not paused.', 'There is nothing to resume.')
    const simulation = await simulateRetention(session.catalog, session.actor, { rules: await rulesOf(session), databaseId: null })
    await confirm(`${verdictWords(simulation)} Resume deleting by rule, paused since ${paused.since}: ${paused.reason}?`, options.yes === true)
    await resumePruning(session.catalog, session.actor)
    return simulation
  })
  print({ resumed: true, simulation: view.totals }, () => 'Deleting by rule is on again.')
}

/** The rules in force with one more, or with another in its place, as they would be. */
async function tried(session: Session, rule: Omit<RetentionRule, 'id' | 'pending'>): ReturnType<typeof simulateRetention> {
  const others = (await rulesOf(session)).filter((one) => !samePlace(one, rule))
  return simulateRetention(session.catalog, session.actor, {
    rules: [...others, { id: 'tried', ...rule, pending: null }],
    databaseId: rule.databaseId,
  })
}

async function rulesOf(session: Session): Promise<RetentionRule[]> {
  return rulesInForce(await listRules(session.catalog), await catalogueNow(session.catalog)).map(ruleOf)
}

async function placeOf(session: Session, options: PlaceOptions): Promise<{ databaseId: string | null; storageId: string | null }> {
  return {
    databaseId: options.database === undefined ? null : (await findDatabase(session, options.database)).id,
    storageId: options.storage === undefined ? null : (await findStorage(session, options.storage)).id,
  }
}

function rulesTable(rules: readonly RetentionRuleView[]): string {
  const waits = (pending: { keep: Keep | null; from: string } | null): string =>
    pending === null ? '' : `${pending.keep === null ? 'goes away' : keepWords(pending.keep)} from ${pending.from}`
  return table(
    ['TIER', 'KEEPS', 'DATABASE', 'STORAGE', 'WAITS'],
    rules.map((one) => [one.tier, keepWords(one.keep), one.database?.name ?? 'every', one.storage?.name ?? 'every', waits(one.pending)]),
  )
}
