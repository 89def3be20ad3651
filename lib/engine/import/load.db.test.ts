import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClient } from '../postgres/connection.ts'
import { type PrivateCluster, withPrivateCluster } from '../postgres/private-cluster.ts'
import { withToolEnv } from '../postgres/tool-env.ts'
import { findTools } from '../postgres/tools.ts'
import { type ForeignDatabase, closeForeignDatabase, prepareForeignDatabase } from './foreign-database.ts'
import { type Loaded, loadDump } from './load.ts'
import { openOldFile } from './old-file.ts'
import { dumpText } from './open-dump.ts'
import { type Survey, surveyDump } from './survey.ts'

const { signal } = new AbortController()
const tools = await findTools()
let stagingDir: string
let cluster: PrivateCluster
let close: () => void
let closed: Promise<void>

beforeAll(async () => {
  stagingDir = await mkdtemp(join(tmpdir(), 'lifeboat-load-'))
  await new Promise<void>((ready, failed) => {
    closed = withPrivateCluster({ major: 15, stagingDir, signal, applicationName: 'lifeboat/load-test' }, async (one) => {
      cluster = one
      ready()
      await new Promise<void>((resolve) => {
        close = resolve
      })
    })
    closed.catch(failed)
  })
})
afterAll(async () => {
  close()
  await closed
  await rm(stagingDir, { recursive: true })
})

async function query(dbname: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = await openClient(cluster.connection(dbname), { writable: true })
  try {
    await client.query(`SET search_path = public`)
    const result = await client.query<Record<string, unknown>>(statement)
    return Array.isArray(result) ? [] : result.rows
  } finally {
    await client.end()
  }
}

function pgDump(dbname: string, ...args: string[]): Promise<Buffer> {
  const path = tools.find((tool) => tool.tool === 'pg_dump')?.path ?? ''
  return withToolEnv(cluster.connection(dbname), stagingDir, async ({ env }) => {
    const done = spawnSync(path, args, { env: env as unknown as NodeJS.ProcessEnv, maxBuffer: 1 << 28 })
    expect(done.stderr.toString()).toBe('')
    return done.stdout
  })
}

/** Surveys and loads a file's bytes into a new database, as an import does. */
async function load(dbname: string, bytes: Buffer, owner = 'owner_of_it'): Promise<{ survey: Survey; loaded: Loaded; database: ForeignDatabase }> {
  const path = join(stagingDir, dbname)
  await writeFile(path, bytes)
  const file = await openOldFile(path, { passphrase: null })
  try {
    const text = () => dumpText(file, { tools, how: cluster.confinement, signal })
    const survey = await surveyDump(text(), () => {})
    const { roles } = survey
    const options = { dbname, owner, roles, extensions: survey.extensions, encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8', signal }
    const database = await prepareForeignDatabase(cluster, options)
    const loaded = await loadDump(database, text(), { signal, onBytes() {} })
    await closeForeignDatabase(cluster, database, signal)
    return { survey, loaded, database }
  } finally {
    await file.close()
  }
}

async function drop(dbname: string, roles: string[]): Promise<void> {
  await query('postgres', `DROP DATABASE ${dbname} WITH (FORCE)`)
  for (const role of [...roles, 'lifeboat_loader', 'lifeboat_reader']) await query('postgres', `DROP ROLE IF EXISTS "${role}"`)
}

const rich = `
  CREATE ROLE app_main SUPERUSER; SET ROLE app_main;
  CREATE EXTENSION citext; CREATE EXTENSION moddatetime; CREATE SCHEMA "Other Schema";
  CREATE TABLE parent (id int PRIMARY KEY, name citext NOT NULL, made timestamptz DEFAULT '2024-01-01', CHECK (name IN ('a', 'b''c;', E'd\\\\e')));
  CREATE TABLE child (id bigserial PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE, body bytea, note text);
  CREATE TABLE "Other Schema"."Odd; Name" ("a;b" text, n numeric(10,2) GENERATED ALWAYS AS (1.5) STORED);
  CREATE TABLE parts (at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  INSERT INTO parent SELECT g, CASE WHEN g % 2 = 0 THEN 'a' ELSE 'b''c;' END FROM generate_series(1, 5000) g;
  INSERT INTO child (parent, body, note) SELECT g, decode(md5(g::text), 'hex'), E'tab\\there\\nline \\\\. end' FROM generate_series(1, 5000) g;
  INSERT INTO "Other Schema"."Odd; Name" VALUES ('\\.'), (NULL), ('');
  INSERT INTO parts VALUES ('2024-05-05');
  CREATE VIEW seen AS SELECT p.name, count(*) FROM parent p JOIN child c ON c.parent = p.id GROUP BY 1;
  CREATE FUNCTION twice(a int, b numeric DEFAULT 2) RETURNS numeric LANGUAGE plpgsql AS $f$ BEGIN RETURN a * b; -- ;
    END $f$;
  CREATE FUNCTION atomic(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN a ELSE 0 END; SELECT a; END;
  CREATE RULE quiet AS ON DELETE TO parts DO INSTEAD (SELECT 1; SELECT 2;);
  CREATE INDEX ON child (note); CREATE ROLE app_user; CREATE ROLE "Odd Role";
  ALTER TABLE parent OWNER TO app_user; ALTER TABLE child OWNER TO "Odd Role"; ALTER SCHEMA "Other Schema" OWNER TO app_user; ALTER FUNCTION twice OWNER TO app_user;
  ALTER TABLE parent ENABLE ROW LEVEL SECURITY; ALTER TABLE parent FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON parent FOR SELECT TO app_user USING (true);
  GRANT SELECT ON child TO app_user; GRANT ALL ON SCHEMA public TO "Odd Role"; ALTER DEFAULT PRIVILEGES FOR ROLE app_user GRANT SELECT ON TABLES TO "Odd Role";
  COMMENT ON TABLE parent IS 'it''s; fine'; SELECT lo_from_bytea(4711, 'large object'); ALTER LARGE OBJECT 4711 OWNER TO app_user;`

const comparable = (text: Buffer) =>
  text
    .toString()
    .replaceAll(/^\\(un)?restrict .*$/gm, '')
    .replaceAll(/(OWNER TO|Owner:|FOR ROLE) (app_main|owner_of_it)/g, '$1 somebody')

test('what pg_dump wrote, as text, compressed, as inserts or as an archive, comes back as it was, owners and privileges too', async () => {
  await query('postgres', 'CREATE DATABASE source')
  await query('source', rich)
  const whole = await pgDump('source')
  const archive = await pgDump('source', '--format=custom')
  const inserts = await pgDump('source', '--inserts', '--rows-per-insert=100')
  await query('postgres', 'DROP DATABASE source')
  for (const role of ['app_user', 'Odd Role', 'app_main']) await query('postgres', `DROP ROLE "${role}"`)
  for (const [form, bytes] of Object.entries({ text: whole, gzip: gzipSync(whole), archive, inserts })) {
    const { survey, loaded, database } = await load(`again_${form}`, bytes)
    expect(
      loaded.refused.filter((one) => one.matters),
      form,
    ).toEqual([])
    expect(survey.marks, form).toMatchObject({ byPgDump: true, ended: true })
    expect(survey.roles.sort()).toEqual(['Odd Role', 'app_main', 'app_user'])
    if (form === 'inserts') expect(loaded.insertedRows).toBe(10_004)
    else {
      expect(survey.tables.map(({ table, rows }) => [table, rows]).sort()).toEqual([
        ['Odd; Name', 3],
        ['child', 5000],
        ['parent', 5000],
        ['parts_2024', 1],
      ])
      for (const { schema, table, rows } of survey.tables) expect(loaded.rows.get(JSON.stringify([schema, table]))).toBe(rows)
    }
    // the reader is no superuser, and row security hides nothing from it
    expect((await openRows(database, 'SELECT count(*)::int AS n FROM public.parent'))[0]).toEqual({ n: 5000 })
    expect(comparable(await pgDump(`again_${form}`))).toBe(comparable(whole))
    await drop(`again_${form}`, [...survey.roles, 'owner_of_it'])
  }
})

async function openRows(database: ForeignDatabase, statement: string): Promise<Record<string, unknown>[]> {
  const client = await openClient(database.reader)
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

test('a foreign dump is a program: what reaches beyond its database is refused by name, and the rest comes', async () => {
  const stolen = join(stagingDir, 'stolen')
  const evil = `
CREATE TABLE public.t (id integer, note text);
\\! touch ${stolen}
ALTER ROLE postgres SUPERUSER;
CREATE ROLE evil SUPERUSER;
COPY public.t TO PROGRAM 'touch ${stolen}';
COPY /* not so plain */ public.t (id) FROM '/etc/passwd';
CREATE EXTENSION dblink;
CREATE EXTENSION plpython3u;
CREATE FUNCTION public.c() RETURNS integer AS 'libc.so.6', 'system' LANGUAGE c;
CREATE FUNCTION public.spread() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE postgres SUPERUSER; END $$;
CREATE EVENT TRIGGER spread ON ddl_command_end EXECUTE FUNCTION public.spread();
LOAD 'auto_explain';
ALTER SYSTEM SET archive_command = 'touch ${stolen}';
CREATE FUNCTION public.steal() RETURNS text SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN COPY (SELECT 1) TO PROGRAM 'touch ${stolen}'; RETURN 'done'; END $$;
ALTER FUNCTION public.steal() OWNER TO lifeboat_private;
ALTER FUNCTION public.steal() OWNER TO pg_execute_server_program;
ALTER TABLE public.t ADD CHECK (public.steal() IS NOT NULL), OWNER TO postgres;
ALTER TABLE public.t OWNER TO postgres;
GRANT pg_execute_server_program TO postgres;
SELECT public.steal();
SELECT pg_catalog.pg_read_file('/etc/passwd');
SELECT pg_catalog.lo_import('/etc/passwd');
CREATE TABLE public.checked (id integer CHECK (public.steal() IS NULL));
COPY public.checked (id) FROM stdin;
1
2
\\.
COPY public.t (id, note) FROM stdin;
1\tcame
\\.
SELECT pg_catalog.repeat('x', 1000) FROM pg_catalog.generate_series(1, 20000);
SET no_such_setting = 1;
DROP TABLE IF EXISTS public.gone;
DROP TABLE public.gone;
`
  const { loaded, survey, database } = await load('evil', Buffer.from(evil))
  const said = Object.fromEntries(loaded.refused.map((one) => [one.line, one.reason]))
  const lineOf = (text: string) => evil.slice(0, evil.indexOf(text)).split('\n').length
  expect(said).toMatchObject({
    [lineOf('\\!')]: expect.stringContaining('psql'),
    [lineOf('ALTER ROLE postgres SUPERUSER;')]: expect.stringContaining('role'),
    [lineOf('CREATE ROLE evil')]: expect.stringContaining('role'),
    [lineOf('COPY public.t TO PROGRAM')]: expect.stringContaining('program'),
    [lineOf('COPY /* not')]: expect.stringMatching(/file/),
    [lineOf('CREATE EXTENSION dblink')]: expect.stringContaining('permission denied'),
    [lineOf('CREATE EXTENSION plpython3u')]: expect.stringMatching(/permission denied|not available/),
    [lineOf('CREATE FUNCTION public.c')]: expect.stringContaining('language'),
    [lineOf('CREATE EVENT TRIGGER')]: expect.stringContaining('event trigger'),
    [lineOf('LOAD')]: expect.stringContaining('loads'),
    [lineOf('ALTER SYSTEM')]: expect.stringContaining('configuration'),
    [lineOf('ALTER FUNCTION public.steal() OWNER TO lifeboat_private')]: expect.stringContaining('must be member'),
    [lineOf('ALTER FUNCTION public.steal() OWNER TO pg_execute')]: expect.stringContaining('must be member'),
    [lineOf('ALTER TABLE public.t ADD CHECK')]: expect.any(String),
    [lineOf('GRANT pg_execute')]: expect.stringMatching(/admin option|permission denied/),
    [lineOf('SELECT public.steal')]: expect.stringMatching(/permission denied|must be superuser/),
    [lineOf('SELECT pg_catalog.pg_read_file')]: expect.stringContaining('permission denied'),
    [lineOf('SELECT pg_catalog.lo_import')]: expect.stringContaining('permission denied'),
    [lineOf('COPY public.checked')]: expect.any(String),
  })
  expect(loaded.refused.filter((one) => !one.matters).map((one) => one.statement)).toEqual([
    `\\! touch ${stolen}`,
    'SET no_such_setting = 1;',
    'DROP TABLE public.gone;',
  ])
  expect(existsSync(stolen)).toBe(false)
  expect(survey.roles).toEqual(['lifeboat_private', 'postgres'])
  expect(await openRows(database, 'SELECT note FROM public.t')).toEqual([{ note: 'came' }])
  const roles = await query(
    'postgres',
    `SELECT rolname, rolsuper OR rolcreaterole OR rolcanlogin AS able FROM pg_catalog.pg_roles WHERE rolname IN ('postgres', 'evil')`,
  )
  expect(roles).toEqual([{ rolname: 'postgres', able: false }])
  // nothing of the dump can begin anything any more
  await expect(openClient(database.loader, { retryForMs: 0 })).rejects.toMatchObject({ code: 'access_denied' })
  await drop('evil', ['postgres', 'owner_of_it'])
})

test('a dump of several databases, one that was cut off, and one whose end is missing are refused, with what could be read', async () => {
  const begin = `--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.t (id integer);\nCOPY public.t (id) FROM stdin;\n1\n2\n\\.\n`
  await expect(load('x', Buffer.from(`${begin}\\connect other\n`))).rejects.toMatchObject({ code: 'refused', detail: { line: 9 } })
  const tables = [{ schema: 'public', table: 't', rows: 2 }]
  await expect(load('x', Buffer.from(`${begin}SELECT 1;\n`))).rejects.toMatchObject({ code: 'corrupt', detail: { read: { tables } } })
  await expect(load('x', Buffer.from(`${begin}COPY public.u FROM stdin;\n5\n`))).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('line 9'),
  })
  const archive = await pgDump('postgres', '--format=custom')
  await expect(load('x', archive.subarray(0, archive.length >> 1))).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('pg_restore'),
  })
})

test('a dump in another encoding is carried out in it: names, values and owners', async () => {
  const text = `--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'LATIN1';\nCREATE TABLE public."größe" (id integer, "übung" text DEFAULT 'ß');
ALTER TABLE public."größe" OWNER TO app;\nCOPY public."größe" (id, "übung") FROM stdin;\n1\tä\n\\.\nINSERT INTO public."größe" VALUES (2, 'ö');\n--\n-- PostgreSQL database dump complete\n--\n`
  const { loaded, survey, database } = await load('latin', Buffer.from(text, 'latin1'))
  expect(loaded.refused).toEqual([])
  expect(survey.marks.clientEncoding).toBe('LATIN1')
  expect(await openRows(database, 'SELECT "übung" AS what FROM public."größe" ORDER BY id')).toEqual([{ what: 'ä' }, { what: 'ö' }])
  expect(await query('latin', `SELECT tableowner FROM pg_catalog.pg_tables WHERE tablename = 'größe'`)).toEqual([{ tableowner: 'app' }])
  await drop('latin', ['app', 'owner_of_it'])
})

test('a database called postgres, as hosts have it, takes the place of the server’s own', async () => {
  await withPrivateCluster({ major: 15, stagingDir, signal, applicationName: 'lifeboat/load-test' }, async (other) => {
    const options = {
      dbname: 'postgres',
      owner: 'postgres',
      roles: ['anon'],
      extensions: [],
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      ctype: 'C.UTF-8',
      signal,
    }
    const database = await prepareForeignDatabase(other, options)
    async function* text() {
      yield Buffer.from('CREATE TABLE public.t (id integer);\nALTER TABLE public.t OWNER TO postgres;\nGRANT SELECT ON TABLE public.t TO anon;\n')
    }
    expect((await loadDump(database, text(), { signal, onBytes() {} })).refused).toEqual([])
    expect(await openRows(database, `SELECT tableowner AS owner FROM pg_catalog.pg_tables WHERE tablename = 't'`)).toEqual([{ owner: 'postgres' }])
  })
})
