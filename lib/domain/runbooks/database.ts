import { listBackupsCommand, replaceDatabaseCommand, restoreCommand, shellWord, verifyCommand } from '../shell-commands.ts'
import { suggestTargetName } from '../target-name.ts'
import { backupsHref, pointWords, wizard } from './places.ts'
import { type Runbook, type RunbookFacts, type RunbookSection, scenarioWords, step } from './runbook.ts'

/** The whole database is wrong or gone; its server answers. */
export function databaseRunbook(facts: RunbookFacts): Runbook {
  const { database, newest } = facts
  return {
    scenario: 'database',
    ...scenarioWords.database,
    first: [
      `The database is ${database.dbname} on ${database.host}:${database.port}, in Lifeboat ${database.name}.`,
      'Both ways restore beside the live database first and compare every table with the backup. Nothing that exists is changed before that.',
    ],
    problem:
      newest === null
        ? `No backup of ${database.name} can be read. Take one now if the database still answers; “Everything is gone” says what each storage holds.`
        : null,
    sections: newest === null ? [] : [prepare(facts), beside(facts), replace(facts), afterwards()],
  }
}

function prepare({ database, newest }: RunbookFacts): RunbookSection {
  return {
    id: 'prepare',
    title: 'First',
    text: 'Know what is wrong before anything is written.',
    steps: [
      step('stop_writing', 'Stop the application', [
        'What is written from now on is not in any backup, and would be missing in the restored database.',
      ]),
      step(
        'look',
        'See whether the server answers',
        ['It says whether the database can be reached and backed up now. Exit code 3 means that it found problems.'],
        {
          command: `lifeboat check-database ${shellWord(database.name)} || true`,
          whereInConsole: { label: 'This database', href: `/databases/${database.id}` },
        },
      ),
      step('choose_point', 'Choose the point', [`The newest that can be read is ${pointWords(newest)}. Take an older one if the damage is older.`], {
        command: listBackupsCommand(database.name),
        whereInConsole: { label: 'Backups of this database', href: backupsHref(database.id) },
      }),
      step('read_back', 'Read the backup back', ['Every stored byte is read and authenticated. It must say valid.'], {
        command: verifyCommand(newest?.name ?? '', database.name),
        whereInConsole: newest === null ? null : { label: 'This backup', href: `/backups/${newest.id}` },
      }),
    ],
  }
}

function beside(facts: RunbookFacts): RunbookSection {
  const { database, newest } = facts
  const backup = newest?.name ?? ''
  const name = suggestTargetName(database.dbname, newest?.createdAt ?? '1970-01-01T00:00:00Z')
  const where = wizard(facts, 'Restore into a new database', { happened: 'database', way: 'new', name })
  return {
    id: 'beside',
    title: 'Restore into a new database',
    text: 'The safe way, also where the live database is gone altogether. The live one stays as it is.',
    steps: [
      step('beside_dry_run', 'See what will happen', ['The plan must not be blocked. Every finding says what to do about it.'], {
        command: restoreCommand(backup, name, { dryRun: true, database: database.name }),
        whereInConsole: where,
      }),
      step('beside_restore', 'Restore', ['Every table is compared with the backup afterwards. It must say completed.'], {
        command: restoreCommand(backup, name, { dryRun: false, database: database.name }),
        whereInConsole: where,
      }),
      step('beside_switch', 'Point the application at it', [`Change the database’s name in the application from ${database.dbname} to ${name}.`]),
    ],
  }
}

function replace(facts: RunbookFacts): RunbookSection {
  const { database, newest } = facts
  const backup = newest?.name ?? ''
  const where = wizard(facts, 'Replace the database', { happened: 'database', way: 'replace' })
  return {
    id: 'replace',
    title: 'Or let the restored database take the live one’s place',
    text: `The application keeps its settings. A safety backup of ${database.dbname} is taken and read back first; the old database is kept for 72 h, and can be swapped back.`,
    steps: [
      step('replace_dry_run', 'See what will happen', ['The plan names who is connected and will be disconnected, and what would stop the swap.'], {
        command: replaceDatabaseCommand(backup, { dryRun: true, database: database.name }),
        whereInConsole: where,
      }),
      step('replace_restore', 'Replace', [`It asks for the name ${database.dbname}. Everyone is disconnected for the moment of the swap.`], {
        command: replaceDatabaseCommand(backup, { dryRun: false, database: database.name }),
        asks: ['target_name'],
        whereInConsole: where,
      }),
      step('replace_look', 'Look before the undo period ends', ['Look at the newest rows and at what the application shows.']),
      step('swap_back_look', 'Only if it was wrong: see what was written since', ['The list names the operation that swapped. Give its id.'], {
        command: `lifeboat undo list\nread -rp 'Operation: ' OPERATION\nlifeboat undo swap-back "$OPERATION" --dry-run`,
        asks: ['operation'],
        whereInConsole: { label: 'This database', href: `/databases/${database.id}` },
      }),
      step(
        'swap_back',
        'Then swap back',
        [`It asks for the name ${database.dbname}. What was written since stays in the restored one, which is kept in turn.`],
        {
          command: 'lifeboat undo swap-back "$OPERATION"',
          asks: ['target_name'],
          whereInConsole: { label: 'This database', href: `/databases/${database.id}` },
        },
      ),
    ],
  }
}

function afterwards(): RunbookSection {
  return {
    id: 'afterwards',
    title: 'Afterwards',
    text: 'A recovery ends when the next one is safe.',
    steps: [
      step('tell', 'Say what was lost', [
        'Tell the people concerned which period is missing: from the point to the moment when the application was stopped.',
      ]),
    ],
  }
}
