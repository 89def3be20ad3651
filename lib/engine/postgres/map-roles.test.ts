import { expect, test } from 'vitest'
import type { Globals } from './globals.ts'
import { mapRoleNames } from './map-role-names.ts'
import { mapRolesOfGlobals } from './map-roles.ts'

const map = { keeper: 'postgres', 'Odd "role"': 'new one', anon: 'web' }

test.each([
  [
    'ACL',
    'REVOKE ALL ON TABLE public.item FROM keeper;\nGRANT SELECT,INSERT ON TABLE public.item TO clerk;\n',
    'REVOKE ALL ON TABLE public.item FROM postgres;\nGRANT SELECT,INSERT ON TABLE public.item TO clerk;\n',
  ],
  [
    'ACL',
    'GRANT SELECT(a) ON TABLE public." TO keeper" TO "Odd ""role""" WITH GRANT OPTION;\n',
    'GRANT SELECT(a) ON TABLE public." TO keeper" TO "new one" WITH GRANT OPTION;\n',
  ],
  [
    'ACL',
    'SET SESSION AUTHORIZATION keeper;\nGRANT SELECT ON TABLE public.item TO PUBLIC;\nRESET SESSION AUTHORIZATION;\n',
    'SET SESSION AUTHORIZATION postgres;\nGRANT SELECT ON TABLE public.item TO PUBLIC;\nRESET SESSION AUTHORIZATION;\n',
  ],
  [
    'DEFAULT ACL',
    'ALTER DEFAULT PRIVILEGES FOR ROLE keeper IN SCHEMA public GRANT SELECT ON TABLES  TO anon;\n',
    'ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT SELECT ON TABLES  TO web;\n',
  ],
  [
    'POLICY',
    `CREATE POLICY "to keeper" ON public.item AS RESTRICTIVE FOR SELECT TO clerk, keeper, anon USING ((name <> ' TO keeper'::text));\n`,
    `CREATE POLICY "to keeper" ON public.item AS RESTRICTIVE FOR SELECT TO clerk, postgres, web USING ((name <> ' TO keeper'::text));\n`,
  ],
  ['POLICY', 'CREATE POLICY every ON public.item USING (true);\n', 'CREATE POLICY every ON public.item USING (true);\n'],
  [
    'USER MAPPING',
    'CREATE USER MAPPING FOR keeper SERVER far OPTIONS (\n    "user" \'keeper\'\n);\n',
    'CREATE USER MAPPING FOR postgres SERVER far OPTIONS (\n    "user" \'keeper\'\n);\n',
  ],
])('%s: roles are mapped where they are roles, and nowhere else', async (desc, before, after) => {
  expect(await mapRoleNames(desc, before, map)).toBe(after)
})

test('what is not written as pg_dump writes it is refused, never left as it was', async () => {
  await expect(mapRoleNames('ACL', 'DO $$ BEGIN END $$;\n', map)).rejects.toMatchObject({ code: 'refused' })
  await expect(mapRoleNames('POLICY', 'DROP POLICY a ON b.c;\n', map)).rejects.toMatchObject({ code: 'refused' })
})

test('owner, privileges and settings of the database itself go to the mapped roles; mapped roles are not made', () => {
  const globals = {
    format: 'lifeboat-globals/1',
    roles: [{ name: 'keeper' }, { name: 'clerk' }],
    memberships: [{ role: 'keeper', member: 'clerk', admin: false }],
    databaseSettings: [
      { role: null, settings: ['a=1'] },
      { role: 'keeper', settings: ['b=2'] },
    ],
    database: { owner: 'keeper', privileges: [{ grantor: 'keeper', grantee: 'anon', privilege: 'CONNECT', grantable: false }] },
  } as unknown as Globals
  expect(mapRolesOfGlobals(globals, map)).toMatchObject({
    roles: [{ name: 'clerk' }],
    memberships: [],
    databaseSettings: [{ role: null }, { role: 'postgres' }],
    database: { owner: 'postgres', privileges: [{ grantor: 'postgres', grantee: 'web' }] },
  })
})
