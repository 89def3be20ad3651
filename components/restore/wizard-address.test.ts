import { expect, test } from 'vitest'
import { requestOf } from './act-request.ts'
import { isPlanFor } from './is-plan-for.ts'
import { readAddress, wizardHref } from './wizard-address.ts'
import { wizardOf } from './wizard-of.ts'

test('the address of a step reads back as the same answers', () => {
  const address = readAddress({
    happened: 'database',
    way: 'in_place',
    database: 'd',
    backup: 'b',
    server: 's',
    name: 'new db',
    schema: 'public',
    table: 'orders & more',
    rows: 'missing',
    undo: '24',
    dependents: 'yes',
    roles: 'create',
    map: '{"old":"new"}',
    force: 'yes',
    plan: 'p',
  })
  const query = Object.fromEntries(new URLSearchParams(wizardHref(address, 'confirm').split('?')[1]))
  expect(query.step).toBe('confirm')
  expect(readAddress(query)).toEqual(address)
})

test.each([
  ['another name', { name: 'two' }],
  ['another way', { way: 'replace' as const }],
  ['another role map', { map: { old: 'other' } }],
  ['other rows', { rows: 'changed' as const }],
])('%s drops the dry run that was made for the old answer', (_what, change) => {
  const address = readAddress({ happened: 'database', database: 'd', backup: 'b', name: 'one', plan: 'p' })
  expect(wizardHref(address, 'dry-run', change)).not.toContain('plan=')
  expect(wizardHref(address, 'confirm', { name: 'one' })).toContain('plan=p')
})

test('a link that names only a backup counts as the whole database being lost, and links of former versions still lead somewhere', () => {
  expect(readAddress({ backup: 'b' }).happened).toBe('database')
  expect(readAddress({ happened: 'lost' }).happened).toBe('database')
  expect(readAddress({ happened: 'wrong' }).happened).toBe('look')
})

test('unknown words in the address are ignored', () => {
  const address = readAddress({ happened: 'zzz', roles: 'superuser', way: 'magic', rows: 'some', undo: '-4', map: '{"a":' })
  expect(address).toMatchObject({ happened: null, roles: 'refuse', way: null, rows: 'all', undo: 72, map: {} })
})

const answersOf = {
  new: { happened: 'look', backup: 'b', name: 'n' },
  replace: { happened: 'database', way: 'replace', backup: 'b', undo: '24' },
  in_place: { happened: 'database', way: 'in_place', backup: 'b', dependents: 'yes' },
  table_beside: { happened: 'table', way: 'beside', backup: 'b', schema: 's', table: 't', rows: 'missing' },
  table_replace: { happened: 'table', way: 'replace', backup: 'b', schema: 's', table: 't', rows: 'missing' },
  clone: { happened: 'move', way: 'clone', name: 'n', server: 'other' },
}

test.each(Object.entries(answersOf))('a dry run counts for the very answers it was made for, and for no others: %s', (_act, params) => {
  const address = readAddress({ ...params, database: 'd' })
  const { kind, body } = requestOf(address, null)
  const made = { kind: kind as 'restore', dryRun: true, input: { ...body, backupName: 'added by the request', targetDbname: 'n' } }
  expect(isPlanFor(made, address)).toBe(true)
  expect(isPlanFor({ ...made, dryRun: false }, address)).toBe(false)
  for (const other of Object.values(answersOf)) {
    if (other !== params) expect(isPlanFor(made, readAddress({ ...other, database: 'd' }))).toBe(false)
  }
  expect(isPlanFor(made, { ...address, force: true })).toBe(false)
  expect(isPlanFor(made, { ...address, map: { old: 'new' } })).toBe(false)
})

test.each(Object.entries(answersOf))('from the page of a dry run one goes on in the wizard with its very answers: %s', (_act, params) => {
  const { kind, body } = requestOf(readAddress({ ...params, database: 'd' }), null)
  const asked = { id: 'p', kind: kind as 'restore', dryRun: true, backupId: kind === 'clone' ? null : 'b', input: { targetDbname: 'live', ...body } }
  const query = Object.fromEntries(new URLSearchParams(wizardOf(asked).split('?')[1]))
  expect(query).toMatchObject({ step: 'dry-run', plan: 'p' })
  expect(isPlanFor(asked, readAddress(query))).toBe(true)
})
