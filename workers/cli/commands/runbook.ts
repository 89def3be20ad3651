import { type Command, Option } from 'commander'
import { readRunbookFacts } from '#lib/catalog/views/runbook-facts.ts'
import { everythingRunbook } from '#lib/domain/runbooks/everything.ts'
import { printRunbook, runbookOf } from '#lib/domain/runbooks/runbook-of.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type RunbookScenario, runbookScenarios } from '#lib/domain/states.ts'
import { findDatabase, findStorage } from '../find.ts'
import { plain, print } from '../output.ts'
import { withSession } from '../session.ts'

interface Options {
  database?: string
  table?: string
  storage?: string
}

export function addRunbook(program: Command): void {
  program
    .command('runbook')
    .description('what to do, step by step, with the real names of a database; print it before the day')
    .argument('<scenario>', runbookScenarios.join(', '))
    .option('--database <name>', 'may be left out where there is one')
    .addOption(new Option('--table <schema.table>', 'one_table: the table to name in the commands'))
    .addOption(new Option('--storage <name>', 'everything: the storage to fetch from'))
    .action(async (word: string, options: Options) => {
      const scenario = scenarioOf(word)
      const table = tableOf(options.table)
      await withSession(async (session) => {
        const database = await findDatabase(session, options.database)
        const facts = await readRunbookFacts(session.catalog, session.actor, database.id, table)
        const storage = options.storage === undefined ? null : (await findStorage(session, options.storage)).name
        const runbook = scenario === 'everything' ? everythingRunbook(facts, storage) : runbookOf(scenario, facts)
        print({ runbook: { database: database.name, ...runbook } }, () => printRunbook(runbook, database.name).split('\n').map(plain).join('\n'))
      })
    })
}

function scenarioOf(word: string): RunbookScenario {
  const found = runbookScenarios.find((one) => one === word.replaceAll('-', '_'))
  if (found === undefined) throw new LifeboatError('usage', `"${word}" is not a scenario.`, `Say one of: ${runbookScenarios.join(', ')}.`)
  return found
}

function tableOf(word: string | undefined): { schema: string; table: string } | null {
  if (word === undefined) return null
  const dot = word.indexOf('.')
  return dot < 1 ? { schema: 'public', table: word } : { schema: word.slice(0, dot), table: word.slice(dot + 1) }
}
