import type { Client } from 'pg'
import type { Manifest } from '#lib/domain/manifest.ts'

export interface ServerFacts {
  version: string
  versionNum: number
  /** null where the server does not tell it to this role */
  systemIdentifier: string | null
  /** of the database */
  oid: number
  /** `TLSv1.3`; null for plaintext */
  tlsVersion: string | null
  databaseBytes: number
  encoding: string
  collate: string
  ctype: string
  isPooler: boolean
  isSuperuser: boolean
  /** connections that this role could still open, as far as the server tells */
  connectionsFree: number
}

/** Inside inReadTransaction. Every name is qualified; nothing of the user's is called. */
export async function readServerFacts(client: Client): Promise<ServerFacts> {
  const { rows } = await client.query<Record<string, string | boolean | null>>(
    `SELECT pg_catalog.current_setting('server_version') AS version,
            pg_catalog.current_setting('server_version_num') AS "versionNum",
            d.oid::pg_catalog.text AS oid,
            pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
            (SELECT s.version FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()) AS "tlsVersion",
            (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) AS "isSuperuser",
            pg_catalog.pg_database_size(d.oid)::pg_catalog.text AS "databaseBytes",
            pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS "mayControl",
            (pg_catalog.current_setting('max_connections')::pg_catalog.int4
              - pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4
              - (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a WHERE a.datid IS NOT NULL))::pg_catalog.text AS free
     FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`,
  )
  const row = rows[0] ?? {}
  const text = (name: string) => String(row[name] ?? '')
  return {
    version: text('version').split(' ')[0] ?? '',
    versionNum: Number(text('versionNum')),
    systemIdentifier: row.mayControl === true ? await systemIdentifier(client) : null,
    oid: Number(text('oid')),
    tlsVersion: row.tlsVersion === null || row.tlsVersion === undefined ? null : text('tlsVersion'),
    databaseBytes: Number(text('databaseBytes')),
    encoding: text('encoding'),
    collate: text('collate'),
    ctype: text('ctype'),
    isPooler: false,
    isSuperuser: row.isSuperuser === true,
    connectionsFree: Math.max(0, Number(text('free'))),
  }
}

/** The session settings that shape COPY text, as pg_dump's session has them: it sets DateStyle, IntervalStyle and extra_float_digits itself. */
export async function readSettings(client: Client, facts: ServerFacts): Promise<Manifest['settings']> {
  const { rows } = await client.query<{ timezone: string; bytea: string; monetary: string }>(
    `SELECT pg_catalog.current_setting('TimeZone') AS timezone, pg_catalog.current_setting('bytea_output') AS bytea,
            pg_catalog.current_setting('lc_monetary') AS monetary`,
  )
  const row = rows[0]
  return {
    TimeZone: row?.timezone ?? 'UTC',
    DateStyle: 'ISO',
    IntervalStyle: 'postgres',
    extra_float_digits: '3',
    bytea_output: row?.bytea ?? 'hex',
    lc_monetary: row?.monetary ?? 'C',
    client_encoding: facts.encoding,
    server_encoding: facts.encoding,
    lc_collate: facts.collate,
    lc_ctype: facts.ctype,
  }
}

async function systemIdentifier(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>('SELECT system_identifier::pg_catalog.text AS id FROM pg_catalog.pg_control_system()')
  return rows[0]?.id ?? null
}
