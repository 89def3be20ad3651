import type { Client } from 'pg'
import type { ForeignKey } from './foreign-keys.ts'
import { type LiveTable, quotedTable, quoteText } from './live-table.ts'
import { quoteName } from './quote-name.ts'
import type { Firing, TableDependencies } from './table-dependencies.ts'

const toTrigger = { O: 'ENABLE TRIGGER', D: 'DISABLE TRIGGER', R: 'ENABLE REPLICA TRIGGER', A: 'ENABLE ALWAYS TRIGGER' } as const satisfies Record<
  Firing,
  string
>
const toRule = { O: 'ENABLE RULE', D: 'DISABLE RULE', R: 'ENABLE REPLICA RULE', A: 'ENABLE ALWAYS RULE' } as const satisfies Record<Firing, string>

/** Triggers, rules and forced row security off for the rest of the transaction. The owner may do all of that. */
export async function switchOff(client: Client, live: LiveTable, found: TableDependencies): Promise<void> {
  await switchAll(client, live, found, () => 'D')
  if (found.rowSecurityForced) await client.query(`ALTER TABLE ONLY ${quotedTable(live)} NO FORCE ROW LEVEL SECURITY`)
}

/** Each as it was. */
export async function switchBack(client: Client, live: LiveTable, found: TableDependencies): Promise<void> {
  await switchAll(client, live, found, (before) => before)
  if (found.rowSecurityForced) await client.query(`ALTER TABLE ONLY ${quotedTable(live)} FORCE ROW LEVEL SECURITY`)
}

async function switchAll(client: Client, live: LiveTable, found: TableDependencies, to: (before: Firing) => Firing): Promise<void> {
  const alter = `ALTER TABLE ONLY ${quotedTable(live)}`
  for (const one of found.triggers) if (one.firing !== 'D') await client.query(`${alter} ${toTrigger[to(one.firing)]} ${quoteName(one.name)}`)
  for (const one of found.rules) if (one.firing !== 'D') await client.query(`${alter} ${toRule[to(one.firing)]} ${quoteName(one.name)}`)
}

/** Never CASCADE: nothing else hangs on a foreign key. */
export async function dropKeys(client: Client, keys: readonly ForeignKey[]): Promise<void> {
  for (const key of keys) await client.query(`ALTER TABLE ${quotedTable(key.from)} DROP CONSTRAINT ${quoteName(key.name)} RESTRICT`)
}

/** By the server's own definition; each row is checked, unless the key was NOT VALID and says so itself. */
export async function makeKeys(client: Client, keys: readonly ForeignKey[]): Promise<void> {
  for (const key of keys) {
    await client.query(`ALTER TABLE ${quotedTable(key.from)} ADD CONSTRAINT ${quoteName(key.name)} ${key.definition}`)
    if (key.comment !== null) {
      await client.query(`COMMENT ON CONSTRAINT ${quoteName(key.name)} ON ${quotedTable(key.from)} IS ${quoteText(key.comment)}`)
    }
  }
}
