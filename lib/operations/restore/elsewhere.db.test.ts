import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { lookAtTarget } from './look-at-target.ts'
import { type FullRequest, requestRestore } from './request.ts'

const sql = `
  CREATE ROLE keeper; CREATE ROLE "Odd ""one"; CREATE ROLE anon; CREATE ROLE clerk;
  CREATE TABLE item (id serial PRIMARY KEY, name text); ALTER TABLE item OWNER TO keeper;
  GRANT SELECT ON item TO "Odd ""one" WITH GRANT OPTION; GRANT UPDATE (name) ON item TO anon;
  SET SESSION AUTHORIZATION "Odd ""one"; GRANT SELECT ON item TO clerk; RESET SESSION AUTHORIZATION;
  ALTER TABLE item ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON item FOR SELECT TO anon, clerk USING (name <> 'TO anon');
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2'; REVOKE ALL ON FUNCTION twice(int) FROM PUBLIC; GRANT EXECUTE ON FUNCTION twice(int) TO anon;
  ALTER DEFAULT PRIVILEGES FOR ROLE keeper IN SCHEMA public GRANT SELECT ON TABLES TO anon;
  SELECT lo_from_bytea(4711, 'picture'); ALTER LARGE OBJECT 4711 OWNER TO keeper; GRANT SELECT ON LARGE OBJECT 4711 TO anon;
  INSERT INTO item (name) SELECT 'item ' || i FROM generate_series(1, 100) i;
  CREATE EXTENSION hstore VERSION '1.7';
  ALTER DATABASE shop OWNER TO keeper; GRANT CONNECT ON DATABASE shop TO anon; ALTER ROLE anon IN DATABASE shop SET statement_timeout = '9s';
`
let world: Operating
let other: Cluster
let otherId: string
let backupId: string
beforeAll(async () => {
  ;[world, other] = await Promise.all([startOperating(), startCluster()])
  const database = await world.addDatabase('shop', sql)
  await world.addStorage('only')
  const { host, port } = other
  await other.query('postgres', 'CREATE ROLE owner_here; CREATE ROLE "web user"; CREATE ROLE clerk')
  const row = await insertDatabase(world.catalog, { name: 'elsewhere', host, port, dbname: 'postgres', username: 'postgres', ssl_mode: 'disable' })
  otherId = row?.id ?? ''
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  backupId = ended.backup_id ?? ''
})
afterAll(async () => {
  await world.close()
  await other.stop()
})

const roleMap = { keeper: 'owner_here', 'Odd "one': 'web user', anon: 'web user' }
async function restore(targetDbname: string, how: Partial<FullRequest> = {}): Promise<OperationRow> {
  return world.operate(await requestRestore(world.catalog, admin, { backupId, targetDbname, serverDatabaseId: otherId, via: 'cli', ...how }))
}
const nothing = { extensions: [], roles: [], tablespaces: [], largeObjects: 0, databaseBytes: 0 }
const planOf = (row: OperationRow) => (row.result as { plan: Plan }).plan

test('missing roles block until each is mapped, made or left out; the plan says of each what becomes of it', async () => {
  const missing = planOf(await restore('asked', { dryRun: true }))
  expect(missing.blocked).toBe(true)
  expect(missing.findings.find((one) => one.code === 'roles_missing')?.message).toMatch(/“Odd "one”.*“anon”.*“keeper”/)
  const some = planOf(await restore('asked', { dryRun: true, roleMap: { keeper: 'nobody here', wrong: 'clerk' } }))
  expect(some.findings.find((one) => one.code === 'roles_missing')?.message).toContain('“nobody here”')
  expect(some.findings.map((one) => one.code)).toContain('role_map_unknown')
  const all = planOf(await restore('asked', { dryRun: true, roleMap }))
  expect([all.blocked, all.findings.filter((one) => one.code === 'role_mapped').length]).toEqual([false, 3])
})

test('mapped roles own, may and must what the roles of the backup did; nothing is lost, and no role is made', async () => {
  const ended = await restore('mapped', { roleMap })
  expect([ended.error, (ended.result as { restore: { losses: unknown[]; outcome: string } }).restore]).toMatchObject([
    null,
    { losses: [], outcome: 'completed' },
  ])
  const ask = (statement: string) => other.query('mapped', statement)
  const owner = 'pg_get_userbyid(relowner) AS owner'
  expect(await ask(`SELECT ${owner}, relacl::text AS acl FROM pg_class WHERE relname = 'item'`)).toEqual([
    { owner: 'owner_here', acl: '{owner_here=arwdDxt/owner_here,"\\"web user\\"=r*/owner_here","clerk=r/\\"web user\\""}' },
  ])
  expect(await ask(`SELECT attacl::text AS acl FROM pg_attribute WHERE attrelid = 'item'::regclass AND attname = 'name'`)).toEqual([
    { acl: '{"\\"web user\\"=w/owner_here"}' },
  ])
  expect(await ask(`SELECT polroles::regrole[]::text AS roles FROM pg_policy`)).toEqual([{ roles: expect.stringContaining('web user') }])
  expect(await ask(`SELECT defaclrole::regrole::text AS role, defaclacl::text AS acl FROM pg_default_acl`)).toEqual([
    { role: 'owner_here', acl: expect.stringContaining('web user') },
  ])
  expect(await ask(`SELECT lomowner::regrole::text AS owner, lomacl::text AS acl FROM pg_largeobject_metadata`)).toEqual([
    { owner: 'owner_here', acl: expect.stringContaining('web user') },
  ])
  expect(await ask(`SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'mapped'`)).toEqual([{ owner: 'owner_here' }])
  expect(await ask(`SELECT setrole::regrole::text AS role FROM pg_db_role_setting`)).toEqual([{ role: '"web user"' }])
  expect(await other.query('postgres', `SELECT rolname FROM pg_roles WHERE rolname IN ('keeper', 'anon', 'Odd "one')`)).toEqual([])
})

test('what is not mapped and not there is made without a password, or left out and named', async () => {
  const ended = await restore('made', { roleMap: { keeper: 'owner_here' }, missingRoles: 'create' })
  expect((ended.result as { restore: { outcome: string } }).restore).toMatchObject({ outcome: 'completed', losses: [] })
  expect(
    await other.query('postgres', `SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ('keeper', 'anon', 'Odd "one') ORDER BY 1`),
  ).toEqual([
    { rolname: 'Odd "one', rolcanlogin: false },
    { rolname: 'anon', rolcanlogin: false },
  ])
  const left = await restore('left', { missingRoles: 'drop_grants' })
  expect((left.result as { restore: { losses: { object: string }[] } }).restore.losses).toMatchObject([{ object: 'owners and privileges' }])
})

test('an extension comes in the backup’s version where the target has it, and not in its default one', async () => {
  const [row] = await other.query('mapped', `SELECT extversion FROM pg_extension WHERE extname = 'hstore'`)
  expect(row).toEqual({ extversion: '1.7' })
  expect(await other.query('postgres', `SELECT default_version AS version FROM pg_available_extensions WHERE name = 'hstore'`)).not.toEqual([
    { version: '1.7' },
  ])
})

test('a locale is known by any way of writing its encoding, and one that the target does not list is told by name', async () => {
  const look = async (lc_collate: string) => {
    const wanted = { versions: { server: '15', serverNum: 150000 }, settings: { lc_collate, lc_ctype: 'C' }, needs: nothing }
    const signal = new AbortController().signal
    return (await lookAtTarget(other.connection(), { targetDbname: 'none', manifest: wanted, signal })).missingLocales
  }
  expect([await look('C.UTF-8'), await look('C.utf8'), await look('xx_XX.UTF-8')]).toEqual([[], [], ['xx_XX.UTF-8']])
})

test('a tablespace that the target lacks blocks; overridden, everything lies in the default one, and the ledger says so', async () => {
  const { id } = await world.addDatabase('cold', 'CREATE TABLE on_cold (a int); INSERT INTO on_cold VALUES (1)')
  // no directory but one below the server's own
  await world.cluster.query('cold', 'ALTER ROLE postgres SET allow_in_place_tablespaces = on')
  await world.cluster.query('cold', `CREATE TABLESPACE icy LOCATION ''`)
  await world.cluster.query('cold', 'ALTER TABLE on_cold SET TABLESPACE icy')
  const backup = (await world.operate(await requestBackup(world.catalog, admin, { databaseId: id, via: 'cli' }))).backup_id ?? ''
  const planned = planOf(await restore('warm', { backupId: backup, dryRun: true }))
  expect([planned.blocked, planned.findings.find((one) => one.severity === 'blocker')]).toMatchObject([
    true,
    { code: 'tablespaces', overridable: true },
  ])
  const ended = await restore('warm', { backupId: backup, force: true })
  expect((ended.result as { restore: unknown }).restore).toMatchObject({
    outcome: 'completed_with_losses',
    losses: [{ object: 'tablespaces icy', cause: expect.stringContaining('default tablespace') }],
  })
  expect(await other.query('warm', 'SELECT a FROM on_cold')).toEqual([{ a: 1 }])
})
