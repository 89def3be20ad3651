import { type Connection, inReadTransaction, openClient } from './connection.ts'
import type { DatabaseLike } from './database.ts'

/** What a plan of a clone has to know of the source beyond what a backup has. */
export interface CloneFacts {
  /** how an empty database is made in which its text sorts and compares as it does here */
  like: DatabaseLike
  inRecovery: boolean
  /** unlogged tables and sequences: on a standby they are empty */
  unlogged: number
  /** of this database, to other servers */
  subscriptions: number
  /** relations that are locked while they are read, and how many locks the server has room for */
  relations: number
  lockRoom: number
}

/** Reads shared and own catalogues in a read-only transaction; takes no lock on a user's table. */
export async function readCloneFacts(conn: Connection, signal?: AbortSignal): Promise<CloneFacts> {
  const client = await openClient(conn, { signal })
  try {
    return await inReadTransaction(client, async () => {
      const { rows } = await client.query<Record<'encoding' | 'collate' | 'ctype' | 'provider', string> & FactRow>(factsQuery)
      const row = rows[0]
      if (row === undefined) throw new Error('the database does not know itself')
      const provider = ({ i: 'icu', b: 'builtin' } as const)[row.provider]
      return {
        like: {
          encoding: row.encoding,
          collate: row.collate,
          ctype: row.ctype,
          locale: provider === undefined || row.locale === null ? null : { provider, locale: row.locale },
        },
        inRecovery: row.recovery,
        unlogged: Number(row.unlogged),
        subscriptions: Number(row.subscriptions),
        relations: Number(row.relations),
        lockRoom: Number(row.room),
      }
    })
  } finally {
    await client.end()
  }
}

interface FactRow {
  locale: string | null
  recovery: boolean
  unlogged: string
  subscriptions: string
  relations: string
  room: string
}

/** The locale's provider has its columns since 15, under another name since 17. */
const factsQuery = `
SELECT pg_catalog.pg_encoding_to_char(d.encoding)::pg_catalog.text AS encoding, d.datcollate::pg_catalog.text AS collate,
  d.datctype::pg_catalog.text AS ctype, COALESCE(pg_catalog.to_jsonb(d)->>'datlocprovider', 'c') AS provider,
  COALESCE(pg_catalog.to_jsonb(d)->>'datlocale', pg_catalog.to_jsonb(d)->>'daticulocale') AS locale, pg_catalog.pg_is_in_recovery() AS recovery,
  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c WHERE c.relpersistence = 'u' AND c.relkind IN ('r', 'S')) AS unlogged,
  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription s WHERE s.subdbid = d.oid) AS subscriptions,
  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AS relations,
  pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8
    * (pg_catalog.current_setting('max_connections')::pg_catalog.int8 + pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8) AS room
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`
