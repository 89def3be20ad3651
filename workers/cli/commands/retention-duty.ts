import { Argument, type Command } from 'commander'
import { listDuties } from '#lib/catalog/retention-rules.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { keepWords, type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'
import { dutyInput } from '#lib/domain/retention/inputs.ts'
import { addDuty, removeDuty } from '#lib/operations/retention-duties.ts'
import { confirm } from '../ask.ts'
import { print } from '../output.ts'
import { keepOf } from '../retention-words.ts'
import { withSession } from '../session.ts'

interface AddOptions {
  tag: string
  reference?: string
}

export function addDutyCommands(retention: Command): void {
  const duty = retention.command('duty').description('what must be kept whatever the rules say')
  duty
    .command('add')
    .description('backups of a tier, of every database with the tag, stay at least so long')
    .argument('<name>', 'as SOX')
    .addArgument(new Argument('<tier>').choices(scheduledTiers))
    .argument('<keep>', 'as "7 years"')
    .requiredOption('--tag <tag>', 'of the databases it is for')
    .option('--reference <text>', 'what it rests on')
    .action(async (name: string, tier: ScheduledTier, words: string, { tag, reference }: AddOptions) => {
      const wanted = dutyInput.parse({ name, tier, keep: keepOf(words), tag, ...(reference === undefined ? {} : { reference }) })
      const row = await withSession((session) => addDuty(session.catalog, session.actor, wanted))
      const { id, keep } = row
      print({ duty: { id, name, tag, tier, keep } }, () => `${name}: ${tier} backups of databases tagged ${tag} stay ${keepWords(keep)}.`)
    })
  duty
    .command('remove')
    .description('a duty ends, after the delay of a shorter rule; to add it again before takes that back')
    .argument('<name>', 'its name or id')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      const row = await withSession(async (session) => {
        const found = (await listDuties(session.catalog)).filter((one) => one.id === name || one.name === name)
        const [only] = found
        if (only === undefined) throw new LifeboatError('not_found', `There is no duty "${name}".`, 'lifeboat retention show')
        if (found.length > 1) throw new LifeboatError('usage', 'There are several of that name.', 'Name it by its id: lifeboat retention show')
        await confirm(`End ${only.name}, ${keepWords(only.keep)} for ${only.tier} backups of databases tagged ${only.tag}?`, options.yes === true)
        return removeDuty(session.catalog, session.actor, only.id)
      })
      const endsAt = row.removed_at?.toISOString() ?? null
      print({ duty: { id: row.id, name: row.name, endsAt } }, () => `${row.name} holds until ${endsAt}.`)
    })
}
