import type { Client } from 'pg'
import { LifeboatError, asLifeboatError } from '#lib/domain/errors.ts'
import { openClient } from '../postgres/connection.ts'
import { copyIn } from '../postgres/copy-in.ts'
import { quoteName } from '../postgres/quote-name.ts'
import { runStatement } from '../postgres/run-statement.ts'
import { type SqlItem, readSql } from '../postgres/sql-reader.ts'
import { StallWatch } from '../postgres/stall.ts'
import type { ForeignDatabase } from './foreign-database.ts'
import { targetOf } from './sql-names.ts'
import { leavesSomethingOut, ruleFor } from './statement-rules.ts'
import { type LedgerEntry, backslashEntry, beginningOf, keyOf } from './survey.ts'

export interface Loaded {
  statements: number
  /** rows by COPY, as the server counted them, by keyOf(target) */
  rows: Map<string, number>
  insertedRows: number
  /** the first 500 */
  refused: LedgerEntry[]
  refusedCount: number
  /** how many of them leave something out */
  missing: number
}

const keptEntries = 500

/**
 * Carries a dump out in a foreign database, statement by statement, each on its own as psql would. What the server refuses stands in the ledger with
 * its line and the server's words, and the rest goes on. Throws where the server or the file itself fails.
 */
export async function loadDump(
  database: ForeignDatabase,
  text: AsyncIterable<Buffer>,
  options: { signal: AbortSignal; stallMs?: number; onBytes(count: number): void },
): Promise<Loaded> {
  const stop = new AbortController()
  const stall = new StallWatch(options.stallMs ?? 6 * 3600_000, 'The dump', stop)
  const signal = AbortSignal.any([options.signal, stop.signal])
  const open = { signal, writable: true, statementTimeoutMs: 0, lockTimeoutMs: 0 }
  const loader = await openClient(database.loader, open)
  try {
    const superuser = await openClient(database.superuser, { ...open, lockTimeoutMs: 5000 })
    try {
      await loader.query(`SELECT pg_catalog.set_config('role', $1, false), pg_catalog.set_config('search_path', 'public', false)`, [database.owner])
      const loading = new Loading(database, loader, superuser, (count) => {
        stall.touch()
        options.onBytes(count)
      })
      for await (const item of readSql(text)) {
        signal.throwIfAborted()
        await loading.carryOut(item)
        stall.touch()
      }
      return loading.loaded
    } finally {
      await superuser.end().catch(() => {})
    }
  } catch (error) {
    signal.throwIfAborted()
    throw asLifeboatError(error)
  } finally {
    stall.close()
    await loader.end().catch(() => {})
  }
}

class Loading {
  readonly loaded: Loaded = { statements: 0, rows: new Map(), insertedRows: 0, refused: [], refusedCount: 0, missing: 0 }
  readonly #database: ForeignDatabase
  readonly #loader: Client
  readonly #superuser: Client
  readonly #onBytes: (count: number) => void

  constructor(database: ForeignDatabase, loader: Client, superuser: Client, onBytes: (count: number) => void) {
    this.#database = database
    this.#loader = loader
    this.#superuser = superuser
    this.#onBytes = onBytes
  }

  async carryOut(item: SqlItem): Promise<void> {
    if (item.kind === 'backslash') {
      const entry = backslashEntry(item)
      if (entry !== null) this.#refuse(entry)
      return
    }
    this.loaded.statements += 1
    if (item.kind === 'copy') return await this.#copy(item)
    const rule = ruleFor(item.text)
    if (rule.act === 'refuse') return this.#refuse({ line: item.line, statement: beginningOf(item.text), reason: rule.reason, matters: true })
    try {
      if (rule.act === 'own') await this.#own(item, rule.role)
      else {
        const rows = await runStatement(this.#loader, item.bytes)
        if (/^INSERT\b/i.test(item.text)) this.loaded.insertedRows += rows
      }
    } catch (error) {
      this.#note(item, error)
    }
    this.#onBytes(item.bytes.length)
  }

  /**
   * A change of owner needs a right that the new owner has in no dump: CREATE in the schema. A superuser gives it, to a role of the dump and to no
   * other: a function that belonged to a superuser, or to a role that may run programs, would do what that may.
   */
  async #own(item: SqlItem & { kind: 'statement' }, role: string): Promise<void> {
    const mayHave = this.#database.roles.has(role)
    const inTransaction = this.#loader.getTransactionStatus() !== 'I'
    // in a transaction of the dump its objects are not there for others yet
    if (!mayHave || inTransaction) await runStatement(this.#loader, item.bytes)
    else {
      const { rows } = await this.#loader.query<{ path: string; encoding: string }>(
        `SELECT pg_catalog.current_setting('search_path') AS path, pg_catalog.current_setting('client_encoding') AS encoding`,
      )
      await this.#superuser.query(`SELECT pg_catalog.set_config('search_path', $1, false), pg_catalog.set_config('client_encoding', $2, false)`, [
        rows[0]?.path ?? '',
        rows[0]?.encoding ?? 'UTF8',
      ])
      await runStatement(this.#superuser, item.bytes)
    }
  }

  async #copy(item: SqlItem & { kind: 'copy' }): Promise<void> {
    const data = item.data[Symbol.asyncIterator]()
    // ends without ending the block: what the server did not take is read over below
    async function* once() {
      for (let next = await data.next(); !next.done; next = await data.next()) yield next.value
    }
    const target = targetOf(item.text)
    try {
      const rows = await copyIn(this.#loader, item.bytes, once(), this.#onBytes)
      if (target !== null) this.loaded.rows.set(keyOf(target), (this.loaded.rows.get(keyOf(target)) ?? 0) + rows)
    } catch (error) {
      if (error instanceof LifeboatError) throw error
      this.#note(item, error)
    }
    for (let next = await data.next(); !next.done; next = await data.next()) this.#onBytes(next.value.length)
  }

  #note(item: SqlItem, error: unknown): void {
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (typeof code !== 'string' || !isRefusal(code)) throw error
    const matters = leavesSomethingOut(item.text, code)
    this.#refuse({ line: item.line, statement: beginningOf(item.text), reason: String(message).slice(0, 300), matters })
  }

  #refuse(entry: LedgerEntry): void {
    this.loaded.refusedCount += 1
    if (entry.matters) this.loaded.missing += 1
    if (this.loaded.refused.length < keptEntries) this.loaded.refused.push(entry)
  }
}

/** An SQLSTATE by which the server refuses one statement; not those by which it, its disk or the session fails. */
function isRefusal(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^(?:08|53|57P|58030|XX00[12])/.test(code)
}

/** For messages: how a table is called in the file. */
export function shownName(target: { schema: string | null; table: string }): string {
  return target.schema === null ? quoteName(target.table) : `${quoteName(target.schema)}.${quoteName(target.table)}`
}
