import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { findTools, type ToolReport } from '#lib/engine/postgres/tools.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { type FullRequest, requestRestore } from './request.ts'

// What a restore may call complete: nothing that belongs to the database is missing, and nothing in it was changed.

let world: Operating
let dir: string
beforeAll(async () => {
  world = await startOperating()
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-slow-'))
  await world.addStorage('only')
  await world.cluster.query('postgres', `CREATE ROLE clerk; CREATE ROLE "Head Clerk"; CREATE ROLE keeper; CREATE ROLE gone`)
})
afterAll(async () => {
  await world?.close()
  await rm(dir, { recursive: true, force: true })
})

async function backUp(name: string, sql: string): Promise<string> {
  const database = await world.addDatabase(name, sql)
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, via: 'cli' }))
  expect(ended.error).toBe(null)
  return ended.backup_id ?? ''
}

async function restore(
  backupId: string,
  targetDbname: string,
  how: Partial<FullRequest> = {},
  tools?: ToolReport[],
): Promise<OperationRow & { losses: { object: string; cause: string }[] }> {
  const requested = await requestRestore(world.catalog, admin, { backupId, targetDbname, via: 'cli', ...how })
  const ended = await world.operate(requested, tools === undefined ? {} : { tools })
  expect(ended.error).toBe(null)
  const losses = (ended.result as { restore?: { losses: { object: string; cause: string }[] } }).restore?.losses ?? []
  return { ...ended, losses }
}

/** As the server keeps them: who granted what to whom, the comment, the limit and the settings. */
async function propertiesOf(name: string): Promise<unknown> {
  const [row] = await world.cluster.query(
    'postgres',
    `SELECT pg_get_userbyid(datdba) AS owner, datconnlimit, datistemplate, shobj_description(oid, 'pg_database') AS comment,
       (SELECT array_agg(item::text ORDER BY item::text) FROM unnest(datacl) item) AS acl,
       (SELECT array_agg(coalesce(r.rolname, '') || ' ' || s.setconfig::text ORDER BY 1)
        FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = d.oid) AS settings
     FROM pg_database d WHERE datname = $1`,
    [name],
  )
  return row
}

const owned = `
  CREATE TABLE kept ();
  ALTER DATABASE owned OWNER TO keeper;
  REVOKE CONNECT ON DATABASE owned FROM PUBLIC;
  GRANT CONNECT ON DATABASE owned TO clerk WITH GRANT OPTION;
  SET ROLE clerk; GRANT CONNECT ON DATABASE owned TO "Head Clerk"; RESET ROLE;
  GRANT CREATE, TEMPORARY ON DATABASE owned TO "Head Clerk";
  COMMENT ON DATABASE owned IS E'it''s \\\\ ours\n\u00fc';
  ALTER DATABASE owned CONNECTION LIMIT 17;
  ALTER DATABASE owned SET work_mem = '7MB';
  ALTER ROLE clerk IN DATABASE owned SET search_path = kept, public`

test('owner, privileges, comment, limit and settings of the database itself come back under another name', async () => {
  const backupId = await backUp('owned', owned)
  const planned = await restore(backupId, 'owned "back"', { dryRun: true })
  expect((planned.result as { plan: Plan }).plan.steps.join('\n')).toContain('owner, privileges, comment')
  const ended = await restore(backupId, 'owned "back"')
  expect([ended.state, ended.losses]).toEqual(['succeeded', []])
  expect(await propertiesOf('owned "back"')).toEqual(await propertiesOf('owned'))
})

test('without owners and privileges the comment comes back, and everything else is as the confirmed plan said', async () => {
  const backup = await world.catalog.selectFrom('backups').select('id').where('path', 'like', 'owned-%').executeTakeFirstOrThrow()
  // a role that the target lacks is what the choice is for
  await world.cluster.query('postgres', 'ALTER ROLE "Head Clerk" RENAME TO "head elsewhere"')
  const ended = await restore(backup.id, 'owned_plain', { missingRoles: 'drop_grants' })
  await world.cluster.query('postgres', 'ALTER ROLE "head elsewhere" RENAME TO "Head Clerk"')
  expect(ended.losses).toMatchObject([{ object: 'owners and privileges' }])
  expect(await propertiesOf('owned_plain')).toMatchObject({ owner: 'postgres', acl: null, comment: `it's \\ ours\n\u00fc`, datconnlimit: 17 })
})

test('a privilege on the database itself that cannot be brought back is a loss by name, and the others come back', async () => {
  const backupId = await backUp(
    'half',
    `GRANT CREATE ON DATABASE half TO gone; GRANT CREATE ON DATABASE half TO clerk; COMMENT ON DATABASE half IS 'half'`,
  )
  const planned = await restore(backupId, 'half_back', { dryRun: true })
  expect((planned.result as { plan: Plan }).plan.blocked).toBe(false)
  // it goes after the plan looked: the restore waits in pg_dump, before what belongs to the database is applied
  const slow = await waitingDump('half')
  const running = restore(backupId, 'half_back', {}, slow.tools)
  await slow.reached()
  await world.cluster.query('half', 'REVOKE CREATE ON DATABASE half FROM gone; DROP ROLE gone')
  await slow.release()
  const ended = await running
  expect([ended.state, ended.losses]).toEqual([
    'succeeded_with_findings',
    [{ object: 'privilege CREATE for gone on the database', cause: 'role "gone" does not exist' }],
  ])
  expect(await propertiesOf('half_back')).toMatchObject({ comment: 'half', acl: expect.arrayContaining(['clerk=C/postgres']) })
})

const defined = `
  CREATE TABLE item (id integer DEFAULT 7, owner text);
  CREATE TABLE bill (status varchar(9) CHECK (status IN ('open', 'paid')));
  INSERT INTO bill VALUES ('open');
  CREATE VIEW open_bill AS SELECT * FROM bill WHERE status IN ('open', 'late');
  CREATE FUNCTION price() RETURNS integer LANGUAGE sql AS 'SELECT 1';
  CREATE TABLE log (t text);
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER stamp BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE POLICY mine ON item USING (owner = current_user);
  GRANT SELECT ON log TO clerk`

test('definitions that PostgreSQL rewrites when it loads them are told, and are no loss', async () => {
  const backupId = await backUp('defined', defined)
  const before = await world.cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')
  const ended = await restore(backupId, 'defined_back')
  expect([ended.state, ended.losses]).toEqual(['succeeded', []])
  const rewritten = ended.findings.filter((one) => one.code === 'definitions_rewritten')
  expect(rewritten).toMatchObject([{ severity: 'info', message: expect.stringContaining('TABLE public.bill') }])
  expect(rewritten[0]?.message).not.toContain('public.item')
  const after = await world.cluster.query('postgres', `SELECT datname FROM pg_database WHERE datname <> 'defined_back' ORDER BY 1`)
  expect(after, 'the database of the second load is gone').toEqual(before)
})

test('a view, function, policy, check, default, trigger or privilege that was changed after it came back is a loss, each by its name', async () => {
  const backup = await world.catalog.selectFrom('backups').select('id').where('path', 'like', 'defined-%').executeTakeFirstOrThrow()
  const slow = await waitingDump('tampered')
  const running = restore(backup.id, 'tampered', {}, slow.tools)
  await slow.reached()
  await world.cluster.query(
    'tampered',
    `CREATE OR REPLACE VIEW open_bill AS SELECT * FROM bill WHERE status = 'open';
     CREATE OR REPLACE FUNCTION price() RETURNS integer LANGUAGE sql AS 'SELECT 2';
     ALTER POLICY mine ON item USING (true);
     ALTER TABLE bill DROP CONSTRAINT bill_status_check, ADD CONSTRAINT bill_status_check CHECK (status <> 'late');
     ALTER TABLE item ALTER id SET DEFAULT 8;
     DROP TRIGGER stamp ON item; CREATE TRIGGER stamp AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION stamp();
     GRANT DELETE ON log TO clerk`,
  )
  await slow.release()
  const ended = await running
  expect(ended.state).toBe('succeeded_with_findings')
  expect(ended.losses.map((one) => one.object).sort()).toEqual([
    'ACL public.TABLE log',
    'FUNCTION public.price()',
    'POLICY public.item mine',
    'TABLE public.bill',
    'TABLE public.item',
    'TRIGGER public.item stamp',
    'VIEW public.open_bill',
  ])
  expect(new Set(ended.losses.map((one) => one.cause))).toEqual(new Set(['It is there, and its definition is not that of the backup.']))
})

test('a server that is newer than pg_dump receives no restore, which could not be compared: the plan names both majors and the package', async () => {
  const backup = await world.catalog.selectFrom('backups').select('id').where('path', 'like', 'defined-%').executeTakeFirstOrThrow()
  const older = (await findTools()).map((one) => (one.tool === 'pg_dump' ? { ...one, major: 14, version: '14.25' } : one))
  const before = await world.cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')
  const planned = await restore(backup.id, 'too_new', { dryRun: true }, older)
  const { plan } = planned.result as { plan: Plan }
  expect(plan).toMatchObject({ blocked: true, findings: expect.arrayContaining([expect.objectContaining({ code: 'server_too_new' })]) })
  const requested = await requestRestore(world.catalog, admin, { backupId: backup.id, targetDbname: 'too_new', via: 'cli', force: true })
  expect(await world.operate(requested, { tools: older })).toMatchObject({
    state: 'failed',
    error: {
      code: 'blocked',
      message: expect.stringMatching(/PostgreSQL 15.*pg_dump here is 14/),
      hint: expect.stringContaining('postgresql-client-15'),
    },
  })
  expect(await world.cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).toEqual(before)
})

/** A pg_dump that says when it is called for the first time and then waits: between the restore and its comparison. */
async function waitingDump(name: string): Promise<{ tools: ToolReport[]; reached(): Promise<void>; release(): Promise<void> }> {
  const tools = await findTools()
  const [script, called, go] = ['dump', 'called', 'go'].map((what) => join(dir, `${name}-${what}`)) as [string, string, string]
  const real = tools.find((one) => one.tool === 'pg_dump')?.path ?? ''
  await writeFile(script, `#!/bin/sh\n: > '${called}'\nuntil [ -e '${go}' ]; do sleep 0.05; done\nexec '${real}' "$@"\n`)
  await chmod(script, 0o755)
  return {
    tools: tools.map((one) => (one.tool === 'pg_dump' ? { ...one, path: script } : one)),
    reached: () =>
      expect
        .poll(
          () =>
            stat(called).then(
              () => true,
              () => false,
            ),
          { timeout: 60_000, interval: 20 },
        )
        .toBe(true),
    release: () => writeFile(go, ''),
  }
}
