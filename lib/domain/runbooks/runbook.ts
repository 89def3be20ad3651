import type { RunbookScenario } from '#lib/domain/states.ts'

/** A point that can be gone back to, as the runbooks name it. */
export interface RunbookBackup {
  id: string
  name: string
  /** below the storage's root */
  path: string
  createdAt: string
  /** null: never read back */
  verifiedAt: string | null
  /** of the key that seals it; null: not known */
  keyId: string | null
  tables: number
  rows: number
  rawBytes: number
}

export type RunbookPlace =
  | { kind: 'local'; path: string }
  | { kind: 's3'; bucket: string; endpoint: string | null; region: string; prefix: string; pathStyle: boolean; checksumWhenRequired: boolean }

export interface RunbookStorage {
  name: string
  place: RunbookPlace
  /** the newest backup of the database with a readable copy here; null: none */
  newest: RunbookBackup | null
}

/** One that the backup can be fetched from. */
export type UsableStorage = RunbookStorage & { newest: RunbookBackup }

/** Everything that the runbooks of one database name. */
export interface RunbookFacts {
  database: { id: string; name: string; host: string; port: number; dbname: string; username: string }
  /** the newest backup that can be read on any storage; null: none */
  newest: RunbookBackup | null
  storages: RunbookStorage[]
  /** a table to name in the commands; null: the backup has none, or it is not known */
  table: { schema: string; table: string } | null
  activeKeyId: string | null
  /** null: none was made, or nobody has confirmed that it is saved */
  recoveryKeyId: string | null
  /** lower-case hex; null: the script is not installed here */
  rescueScriptSha256: string | null
}

export interface RunbookStep {
  /** unique within the runbook; what was done is recorded under it */
  id: string
  title: string
  text: string[]
  /** for bash, runnable as it stands; null: nothing to type */
  command: string | null
  /** what the command asks for, in the order in which it asks */
  asks: string[]
  /** the same in the console */
  whereInConsole: { label: string; href: string } | null
}

export interface RunbookSection {
  id: string
  title: string
  text: string
  steps: RunbookStep[]
}

export interface Runbook {
  scenario: RunbookScenario
  title: string
  /** when this is the right one */
  when: string
  /** what holds before anything is done */
  first: string[]
  /** why it cannot be followed now; null: it can */
  problem: string | null
  sections: RunbookSection[]
}

/** What the scenarios are called wherever they are chosen. */
export const scenarioWords = {
  one_table: { title: 'One table is damaged', when: 'Rows of one table are wrong or gone. The rest of the database is good and in use.' },
  database: { title: 'The database is damaged', when: 'The server answers, but the whole database is wrong, gone or not to be trusted.' },
  everything: {
    title: 'Everything is gone',
    when: 'The server, this machine and Lifeboat’s catalogue are lost. A storage with backups and a key are left.',
  },
} satisfies Record<RunbookScenario, { title: string; when: string }>

/** A step with what most steps have not. */
export function step(
  id: string,
  title: string,
  text: string[],
  more: Partial<Pick<RunbookStep, 'command' | 'asks' | 'whereInConsole'>> = {},
): RunbookStep {
  return { id, title, text, command: null, asks: [], whereInConsole: null, ...more }
}
