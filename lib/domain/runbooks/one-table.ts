import { backupsHref, pointWords, wizard } from './places.ts'
import { type Runbook, type RunbookFacts, type RunbookSection, scenarioWords, step } from './runbook.ts'
import { listBackupsCommand, restoreTableCommand, verifyCommand } from '../shell-commands.ts'

/** Rows of one table are wrong or gone. */
export function oneTableRunbook(facts: RunbookFacts): Runbook {
  const { database, newest, table } = facts
  const problem =
    newest === null
      ? `No backup of ${database.name} can be read. Take one now if the database still answers, and look for an older one on the storages.`
      : table === null
        ? `${newest.name} holds no table.`
        : null
  return {
    scenario: 'one_table',
    ...scenarioWords.one_table,
    first: [
      `The database is ${database.dbname} on ${database.host}:${database.port}, in Lifeboat ${database.name}.`,
      'Nothing below changes the live table before the step that says so.',
    ],
    problem,
    sections: newest === null || table === null ? [] : [prepare(facts), beside(facts), replace(facts)],
  }
}

function prepare({ database, newest }: RunbookFacts): RunbookSection {
  const backup = newest?.name ?? ''
  return {
    id: 'prepare',
    title: 'First',
    text: 'Find out from when on the table was wrong, and choose a point before it.',
    steps: [
      step('stop_writing', 'Stop what still damages the table', [
        'Stop the job, the migration or the release that did it. Leave the database running.',
      ]),
      step('choose_point', 'Choose the point', [`The newest that can be read is ${pointWords(newest)}. Take an older one if the damage is older.`], {
        command: listBackupsCommand(database.name),
        whereInConsole: { label: 'Backups of this database', href: backupsHref(database.id) },
      }),
      step('read_back', 'Read the backup back', ['Every stored byte is read and authenticated. It must say valid.'], {
        command: verifyCommand(backup, database.name),
        whereInConsole: newest === null ? null : { label: 'This backup', href: `/backups/${newest.id}` },
      }),
    ],
  }
}

function beside(facts: RunbookFacts): RunbookSection {
  const { newest, table } = facts
  const backup = newest?.name ?? ''
  const name = table ?? { schema: '', table: '' }
  return {
    id: 'beside',
    title: 'Bring the table back beside the live one',
    text: 'The safe way, and the one to take when in doubt: nothing that exists is changed.',
    steps: [
      step('beside_dry_run', 'See what will happen', [`${name.schema}.${name.table} stands for the table that is damaged: put its name there.`], {
        command: restoreTableCommand(backup, name, { way: 'beside', dryRun: true, database: facts.database.name }),
        whereInConsole: wizard(facts, 'Restore this table', { happened: 'table', schema: name.schema, table: name.table, way: 'beside' }),
      }),
      step(
        'beside_restore',
        'Bring it back',
        ['It gets a name of its own, which the result says. Compare it with the live one, and copy what you miss.'],
        {
          command: restoreTableCommand(backup, name, { way: 'beside', dryRun: false, database: facts.database.name }),
          whereInConsole: wizard(facts, 'Restore this table', { happened: 'table', schema: name.schema, table: name.table, way: 'beside' }),
        },
      ),
    ],
  }
}

function replace(facts: RunbookFacts): RunbookSection {
  const { newest, table } = facts
  const backup = newest?.name ?? ''
  const name = table ?? { schema: '', table: '' }
  return {
    id: 'replace',
    title: 'Or put the rows back into the live table',
    text: 'One transaction. A safety backup is taken and read back first; if that fails, nothing is changed.',
    steps: [
      step(
        'replace_dry_run',
        'See which rows differ',
        ['The plan counts the rows that only the backup has, only the live table has, or that differ, and shows some of each.'],
        {
          command: restoreTableCommand(backup, name, { way: 'replace', dryRun: true, database: facts.database.name }),
          whereInConsole: wizard(facts, 'Compare the rows', { happened: 'table', schema: name.schema, table: name.table, way: 'replace' }),
        },
      ),
      step(
        'replace_restore',
        'Put the rows back',
        [
          `It asks for the name ${facts.database.dbname}. This overwrites what is live: rows written since the backup are lost where the plan says so.`,
        ],
        {
          asks: ['target_name'],
          command: restoreTableCommand(backup, name, { way: 'replace', dryRun: false, database: facts.database.name }),
          whereInConsole: wizard(facts, 'Replace this table', { happened: 'table', schema: name.schema, table: name.table, way: 'replace' }),
        },
      ),
      step('replace_check', 'Look at the table', ['Look at the newest rows and at what the application shows before you let people back in.']),
    ],
  }
}
