import { shellWord } from '../shell-commands.ts'
import { bucketCredentials, newServerStep } from './new-server.ts'
import { type RunbookFacts, type RunbookSection, type RunbookStep, step, type UsableStorage } from './runbook.ts'

/** As it lies at the root of every storage; lib/engine/storage/recovery-files.ts puts it there. */
const script = 'lifeboat-rescue-v1.mjs'

/** With nothing but the script that lies beside the backups. */
export function rescueSection(facts: RunbookFacts, storage: UsableStorage): RunbookSection {
  const { database } = facts
  const into = shellWord(database.dbname)
  return {
    id: 'rescue',
    title: 'Way 2: with nothing but the rescue script',
    text: 'Needs Node 22.15 or later, PostgreSQL’s client tools, the storage, and LIFEBOAT_KEY or the recovery key. Neither Lifeboat nor its catalogue.',
    steps: [
      step('rescue_tools', 'See whether the tools are here', ['Debian and Ubuntu: apt-get install postgresql-client. Node is at nodejs.org.'], {
        command: 'node --version\npg_restore --version',
      }),
      fetchStep(storage),
      step(
        'rescue_check',
        'Check that the script is the right one',
        ['Whoever can write to the storage could have changed it. Go on only if this says OK, and the number is the one on the recovery sheet.'],
        { command: `echo '${facts.rescueScriptSha256 ?? ''}  ${script}' | sha256sum --check --strict` },
      ),
      step(
        'rescue_key',
        'Put the key into a file',
        [
          'Paste the text of LIFEBOAT_KEY, or the recovery key with its BEGIN and END lines; then Enter and Ctrl-D.',
          'With the recovery key, put the signing public key of the sheet into signing.pem too, and add --public-key signing.pem to the commands below.',
        ],
        { command: '(umask 077 && cat > key.txt)', asks: ['key_file'] },
      ),
      step(
        'rescue_verify',
        'Read the backup',
        ['Reads and authenticates every byte; nothing is restored yet. It also says which roles and extensions the server needs.'],
        {
          command: `node ${script} verify backup --key-file key.txt`,
        },
      ),
      newServerStep('rescue_server'),
      step(
        'rescue_restore',
        'Restore',
        [
          `Makes the new database ${database.dbname}, and refuses one that exists.`,
          'It says that a role does not exist? Make it (CREATE ROLE name NOLOGIN), drop the new database and repeat; or add --no-owner --no-privileges.',
        ],
        { command: `node ${script} restore backup --key-file key.txt --into ${into} --host "$NEW_HOST" --port "$NEW_PORT" --user "$NEW_USER"` },
      ),
      step('rescue_analyze', 'Let the server look at the data', ['Without this, queries are slow at first.'], {
        command: `vacuumdb --analyze-only --host "$NEW_HOST" --port "$NEW_PORT" --username "$NEW_USER" --dbname ${into}`,
      }),
      step(
        'rescue_after',
        'Afterwards',
        ['Set new passwords for the roles: a backup has none. Destroy the key’s file. Then point the application at the new server.'],
        {
          command: 'shred --remove key.txt',
        },
      ),
    ],
  }
}

function fetchStep({ name, place, newest }: UsableStorage): RunbookStep {
  if (place.kind === 'local') {
    return step(
      'rescue_fetch',
      'Fetch the script and the backup',
      [`${newest.name}, from the storage ${name}. Mounted elsewhere? Put that path in. What is fetched is still encrypted.`],
      {
        command: [
          'mkdir rescue && cd rescue',
          `cp -- ${shellWord(`${place.path}/${script}`)} .`,
          `cp -R -- ${shellWord(`${place.path}/${newest.path}`)} backup`,
        ].join('\n'),
      },
    )
  }
  const base = `s3://${place.bucket}/${place.prefix === '' ? '' : `${place.prefix}/`}`
  const endpoint = place.endpoint === null ? '' : ` --endpoint-url ${shellWord(place.endpoint)}`
  return step(
    'rescue_fetch',
    'Fetch the script and the backup',
    [`${newest.name}, from the storage ${name}, with any S3 client; this is AWS’s. What is fetched is still encrypted.`],
    {
      command: [
        'mkdir rescue && cd rescue',
        ...bucketCredentials,
        `aws s3 cp${endpoint} --region ${shellWord(place.region)} ${shellWord(`${base}${script}`)} .`,
        `aws s3 cp${endpoint} --region ${shellWord(place.region)} --recursive ${shellWord(`${base}${newest.path}`)} backup`,
      ].join('\n'),
      asks: ['access_key_id', 'secret_access_key'],
    },
  )
}
