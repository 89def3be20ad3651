import { expect, test } from 'vitest'
import { readAddress, wizardHref } from './wizard-address.ts'

test('the address of a step reads back as the same answers', () => {
  const address = readAddress({
    happened: 'wrong',
    database: 'd',
    backup: 'b',
    server: 's',
    name: 'new db',
    roles: 'create',
    force: 'yes',
    plan: 'p',
  })
  const query = Object.fromEntries(new URLSearchParams(wizardHref(address, 'confirm').split('?')[1]))
  expect(query.step).toBe('confirm')
  expect(readAddress(query)).toEqual(address)
})

test('changing where to drops the dry run that was made for the old target', () => {
  const address = readAddress({ happened: 'lost', database: 'd', backup: 'b', name: 'one', plan: 'p' })
  expect(wizardHref(address, 'dry-run', { name: 'two' })).not.toContain('plan=')
  expect(wizardHref(address, 'confirm', { name: 'one' })).toContain('plan=p')
})

test('a link that names only a backup counts as the whole database being lost', () => {
  expect(readAddress({ backup: 'b' }).happened).toBe('lost')
})

test('unknown words in the address are ignored', () => {
  expect(readAddress({ happened: 'zzz', roles: 'superuser' })).toMatchObject({ happened: null, roles: 'refuse' })
})
