import type { Client } from 'pg'

/** A session in a database that is about to be swapped. */
export interface ServerSession {
  pid: number
  database: string
  role: string
  applicationName: string
  /** `client backend`, `walsender`, …; null where the server does not show it to this role */
  kind: string | null
  ofSuperuser: boolean
  mayEnd: boolean
}

/** Everybody connected to one of these databases, but ourselves. Autovacuum is left out: a rename ends it by itself. */
export async function sessionsIn(client: Client, oids: readonly number[]): Promise<ServerSession[]> {
  const { rows } = await client.query<ServerSession>(
    `SELECT a.pid, a.datname AS database, a.usename AS role, a.application_name AS "applicationName", a.backend_type AS kind,
       COALESCE(r.rolsuper, true) AS "ofSuperuser",
       me.rolsuper OR (NOT COALESCE(r.rolsuper, true) AND
         (pg_catalog.pg_has_role(a.usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE'))) AS "mayEnd"
     FROM pg_catalog.pg_stat_activity a CROSS JOIN pg_catalog.pg_roles me LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
     WHERE me.rolname = current_user AND a.datid = ANY ($1::pg_catalog.oid[]) AND a.usesysid IS NOT NULL
       AND a.pid <> pg_catalog.pg_backend_pid()
     ORDER BY "mayEnd", a.pid`,
    [oids],
  )
  return rows
}

/** `“psql” of role app (server process 4711)` */
export function sessionText(session: ServerSession): string {
  const what = session.kind === null || session.kind === 'client backend' ? '' : `${session.kind} `
  const name = session.applicationName === '' ? 'a session' : `“${session.applicationName}”`
  return `${what}${name} of role ${session.role}${session.ofSuperuser ? ', a superuser' : ''} (server process ${session.pid})`
}
