import { formatUtc } from '#lib/domain/units.ts'
import { type Runbook, type RunbookFacts, type RunbookStorage, scenarioWords, type UsableStorage } from './runbook.ts'
import { rescueSection } from './with-script.ts'
import { lifeboatSection } from './with-lifeboat.ts'

/** The server, this machine and the catalogue are lost; a storage and a key are left. */
export function everythingRunbook(facts: RunbookFacts, storageName: string | null = null): Runbook {
  const { database } = facts
  const storage = chooseStorage(facts.storages, storageName)
  return {
    scenario: 'everything',
    ...scenarioWords.everything,
    first: [
      `The database was ${database.dbname} on ${database.host}:${database.port}, in Lifeboat ${database.name}.`,
      ...facts.storages.map(storageWords),
      keyWords(facts),
      facts.recoveryKeyId === null
        ? 'Nobody has confirmed that a recovery key is saved: without LIFEBOAT_KEY none of this works.'
        : `The recovery key ${facts.recoveryKeyId} on the printed sheet opens them too, with the rescue script (way 2).`,
      ...(facts.rescueScriptSha256 === null
        ? ['Way 2, the rescue script, is left out: the script is not installed here, so its SHA-256 is not known.']
        : []),
      'The commands are for bash, all in one window, in this order.',
    ],
    problem: storage === null ? `No storage holds a backup of ${database.name} that can be read.` : null,
    sections:
      storage === null ? [] : [lifeboatSection(facts, storage), ...(facts.rescueScriptSha256 === null ? [] : [rescueSection(facts, storage)])],
  }
}

/** The named one; else one that outlives this machine, with the newest backup. */
function chooseStorage(storages: readonly RunbookStorage[], name: string | null): UsableStorage | null {
  const usable = storages.filter((one): one is UsableStorage => one.newest !== null)
  const named = usable.find((one) => one.name === name)
  if (named !== undefined) return named
  const byAge = usable.toSorted((a, b) => b.newest.createdAt.localeCompare(a.newest.createdAt))
  return byAge.find((one) => one.place.kind === 's3') ?? byAge[0] ?? null
}

function storageWords({ name, place, newest }: RunbookStorage): string {
  const where = place.kind === 'local' ? `the directory ${place.path}` : bucketWords(place)
  const holds = newest === null ? 'holds no backup of this database that can be read' : `holds ${newest.name}, taken ${formatUtc(newest.createdAt)}`
  const caution = place.kind === 'local' ? ' A directory helps only if its disk outlived the machine.' : ''
  return `Storage ${name}, ${where}, ${holds}.${caution}`
}

function bucketWords(place: Extract<RunbookStorage['place'], { kind: 's3' }>): string {
  const prefix = place.prefix === '' ? '' : `/${place.prefix}`
  return `the bucket ${place.bucket}${prefix}${place.endpoint === null ? '' : ` at ${place.endpoint}`}`
}

function keyWords({ activeKeyId, newest }: RunbookFacts): string {
  const id = newest?.keyId ?? activeKeyId
  return id === null ? 'The backups open with LIFEBOAT_KEY.' : `The backups open with the key ${id}: the text of LIFEBOAT_KEY.`
}
