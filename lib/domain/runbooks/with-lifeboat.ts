import { listBackupsCommand, shellWord, verifyCommand } from '../shell-commands.ts'
import { bucketCredentials, newServerStep } from './new-server.ts'
import { type RunbookFacts, type RunbookSection, type RunbookStep, step, type UsableStorage } from './runbook.ts'

/** From an empty machine, with Lifeboat, a storage and the master key. */
export function lifeboatSection(facts: RunbookFacts, storage: UsableStorage): RunbookSection {
  const { database } = facts
  const backup = storage.newest
  const registered = shellWord(`${database.name} new server`)
  const recovered = shellWord(`${database.name} recovered`)
  return {
    id: 'lifeboat',
    title: 'Way 1: with Lifeboat on an empty machine',
    text: 'Needs Lifeboat’s source, any Node from 20 on with npm, the storage, and LIFEBOAT_KEY.',
    steps: [
      step(
        'lifeboat_get',
        'Get Lifeboat',
        [
          'Put Lifeboat’s source on the machine, in the version that ran before or a later one, and go into its directory. The doctor says what is missing.',
        ],
        { command: 'export PATH="$PWD/bin:$PATH"\nlifeboat doctor || true' },
      ),
      step(
        'lifeboat_key',
        'Give it the key',
        [
          `The text of LIFEBOAT_KEY: 43 letters and digits and one “=”. It must be the key ${backup.keyId ?? facts.activeKeyId ?? 'that sealed the backups'}.`,
          'Only the recovery key is left? Take way 2.',
        ],
        { command: `read -rsp 'LIFEBOAT_KEY: ' LIFEBOAT_KEY; export LIFEBOAT_KEY; echo\nlifeboat key show`, asks: ['master_key'] },
      ),
      addStorageStep(storage),
      step(
        'lifeboat_rebuild',
        'Rebuild the catalogue',
        ['Finds every backup that lies there. Repeating it changes nothing; nothing is ever deleted by it.'],
        {
          command: `lifeboat catalog rebuild --storage ${shellWord(storage.name)}`,
        },
      ),
      step('lifeboat_list', 'Find the backup', [`The newest there was ${backup.name}.`], { command: listBackupsCommand(database.name) }),
      step('lifeboat_verify', 'Read it back', ['Every stored byte is read and authenticated. It must say valid.'], {
        command: verifyCommand(backup.name, database.name),
      }),
      newServerStep('lifeboat_server'),
      step('lifeboat_register', 'Register the new server', ['Any database that is there already will do; “postgres” always is.'], {
        command: `lifeboat database add ${registered} --url "postgresql://$NEW_USER@$NEW_HOST:$NEW_PORT/postgres"`,
      }),
      step(
        'lifeboat_dry_run',
        'See what will happen',
        ['The plan must not be blocked. Roles that the new server lacks are made without a password.'],
        {
          command: restoreThere(database, backup.name, '--dry-run'),
        },
      ),
      step('lifeboat_restore', 'Restore', ['Every table is compared with the backup afterwards. It must say completed.'], {
        command: restoreThere(database, backup.name, null),
      }),
      step(
        'lifeboat_protect',
        'Protect it again',
        ['The restored database is registered and backed up at once: from now on it has a recovery point of its own.'],
        {
          command: [
            `lifeboat database add ${recovered} --url "postgresql://$NEW_USER@$NEW_HOST:$NEW_PORT/"${shellWord(encodeURIComponent(database.dbname))}`,
            `lifeboat backup manual --database ${recovered} --storage ${shellWord(storage.name)}`,
          ].join('\n'),
        },
      ),
      step('lifeboat_after', 'Afterwards', [
        'Put LIFEBOAT_KEY where the new installation reads it, start it with npm start, and make accounts: lifeboat user add EMAIL --role admin.',
        'Set new passwords for the roles: a backup has none. Then point the application at the new server.',
      ]),
    ],
  }
}

function restoreThere(database: RunbookFacts['database'], backup: string, last: string | null): string {
  const url = `"postgresql://$NEW_USER@$NEW_HOST:$NEW_PORT/postgres"`
  const words = ['lifeboat', 'restore-full', shellWord(backup), '--database', shellWord(database.name)]
  words.push('--target-url', url, '--target-db', shellWord(database.dbname), '--roles', 'create')
  return [...words, ...(last === null ? [] : [last])].join(' ')
}

function addStorageStep({ name, place }: UsableStorage): RunbookStep {
  if (place.kind === 'local') {
    return step('lifeboat_storage', 'Add the storage', [`The disk with ${place.path} is mounted here. Mounted elsewhere? Put that path in.`], {
      command: `lifeboat storage add ${shellWord(name)} --path ${shellWord(place.path)}`,
    })
  }
  const words = [
    `lifeboat storage add ${shellWord(name)} --s3 ${shellWord(place.bucket)}`,
    place.endpoint === null ? null : `--endpoint ${shellWord(place.endpoint)}`,
    `--region ${shellWord(place.region)}`,
    place.prefix === '' ? null : `--prefix ${shellWord(place.prefix)}`,
    place.pathStyle ? '--path-style' : null,
    place.checksumWhenRequired ? '--checksum-when-required' : null,
  ]
  return step('lifeboat_storage', 'Add the storage', ['With credentials that may read and write the bucket.'], {
    command: [...bucketCredentials, words.filter((word) => word !== null).join(' ')].join('\n'),
    asks: ['access_key_id', 'secret_access_key'],
  })
}
