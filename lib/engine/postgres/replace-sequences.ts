import type { Client } from 'pg'
import type { BackupTable } from './backup-table.ts'
import { quotedTable, quoteText } from './live-table.ts'
import { stateOf } from './replace-words.ts'
import type { OwnedSequence } from './table-dependencies.ts'

/**
 * Each sequence of the table that is behind the backup's takes the backup's value. setval alone would outlast a rollback; after an ALTER
 * SEQUENCE, which gives it a new file, it is part of the transaction. Returns those that were raised.
 */
export async function raiseSequences(
  client: Client,
  backup: BackupTable,
  sequences: readonly OwnedSequence[],
): Promise<{ schema: string; name: string; value: string }[]> {
  const raised: { schema: string; name: string; value: string }[] = []
  for (const sequence of sequences) {
    const state = stateOf(backup, sequence)
    if (state === null) continue
    const backward = BigInt(sequence.increment) < 0n
    const isBehind = async () => {
      const name = quotedTable({ schema: sequence.schema, table: sequence.name })
      const { rows } = await client.query<{ value: string; called: boolean }>(
        `SELECT last_value::pg_catalog.text AS value, is_called AS called FROM ${name}`,
      )
      const value = BigInt(rows[0]?.value ?? '0')
      if (value === state.lastValue) return state.isCalled && rows[0]?.called === false
      return backward ? value > state.lastValue : value < state.lastValue
    }
    // whoever draws numbers meanwhile moves it on, never back
    if (!(await isBehind())) continue
    const name = quotedTable({ schema: sequence.schema, table: sequence.name })
    await client.query(`ALTER SEQUENCE ${name} INCREMENT BY ${BigInt(sequence.increment)}`)
    if (!(await isBehind())) continue
    await client.query(`SELECT pg_catalog.setval(${quoteText(name)}::pg_catalog.regclass, $1, $2)`, [String(state.lastValue), state.isCalled])
    raised.push({ schema: sequence.schema, name: sequence.name, value: String(state.lastValue) })
  }
  return raised
}
