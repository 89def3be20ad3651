import type { Command } from 'commander'
import { readEscalationView } from '#lib/catalog/views/contacts.ts'
import { readEscalation } from '#lib/catalog/watch-settings.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { escalationLevels, escalationPolicy, levelTitles } from '#lib/domain/watch/escalation.ts'
import type { EscalationView } from '#lib/domain/watch-views.ts'
import { setEscalation } from '#lib/operations/watch-settings.ts'
import { print, table, talk } from '../output.ts'
import { parsed } from '../parsed.ts'
import { withSession } from '../session.ts'
import { contactTable } from './contact.ts'

type SetOptions = Partial<Record<(typeof escalationLevels)[number], string>> & { on?: boolean; off?: boolean }

export function addEscalation(program: Command): void {
  const escalation = program.command('escalation').description('who is called, and when, where nobody answers: show, set')
  escalation
    .command('show')
    .description('minutes after a critical alert, by level, and who is called')
    .action(async () => {
      printEscalation(await withSession((session) => readEscalationView(session.catalog)))
    })
  const set = escalation.command('set').description('each level comes no earlier than the one before; what is not said stays')
  set.option('--on', 'call people').option('--off', 'call nobody')
  for (const level of escalationLevels) set.option(`--${level} <minutes>`, `after which the ${levelTitles[level]} is called`)
  set.action(async (options: SetOptions) => {
    if (options.on && options.off) throw new LifeboatError('usage', 'Is it on or off?', 'Say one of --on and --off.')
    if (Object.keys(options).length === 0)
      throw new LifeboatError('usage', 'What is to change?', '--on, --off, --dba, --devops, --cto or --external MINUTES')
    const view = await withSession(async (session) => {
      const before = await readEscalation(session.catalog)
      const minutes = Object.fromEntries(
        escalationLevels.map((level) => [level, options[level] === undefined ? before.minutes[level] : Number(options[level])]),
      )
      const policy = parsed(escalationPolicy, { on: options.on ? true : options.off ? false : before.on, minutes })
      await setEscalation(session.catalog, session.actor, policy)
      return readEscalationView(session.catalog)
    })
    printEscalation(view)
  })
}

function printEscalation(escalation: EscalationView): void {
  const { policy, contacts, mailMissing } = escalation
  print({ escalation }, () =>
    [
      policy.on ? 'Where nobody takes a critical alert on:' : 'Nobody is called: escalation is off.',
      table(
        ['LEVEL', 'WHO', 'AFTER'],
        escalationLevels.map((level) => [level, levelTitles[level], `${policy.minutes[level]} min`]),
      ),
      '',
      contactTable(contacts),
    ].join('\n'),
  )
  if (mailMissing && contacts.length > 0) talk('warning: no mail channel is set up, so nobody can be written to. lifeboat channel add email NAME')
}
