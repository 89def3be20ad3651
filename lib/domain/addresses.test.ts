import { expect, test } from 'vitest'
import { addressKind, hostForm, refusalOf } from './addresses.ts'

const kinds: [string, ReturnType<typeof addressKind>][] = [
  ['8.8.8.8', 'public'],
  ['1.1.1.1', 'public'],
  ['100.63.255.255', 'public'],
  ['172.32.0.1', 'public'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['100.127.255.255', 'private'],
  ['0.0.0.0', 'never'],
  ['0.1.2.3', 'never'],
  ['169.254.169.254', 'never'],
  ['168.63.129.16', 'never'],
  ['168.63.129.17', 'public'],
  ['100.100.100.200', 'never'],
  ['100.100.100.201', 'private'],
  ['224.0.0.1', 'never'],
  ['255.255.255.255', 'never'],
  ['198.18.0.1', 'never'],
  ['203.0.113.9', 'never'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::', 'never'],
  ['fe80::1', 'never'],
  ['ff02::1', 'never'],
  ['fd12:3456::1', 'private'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'never'],
  ['fd20:ce::254', 'never'],
  ['fd20:ce::255', 'private'],
  ['::ffff:168.63.129.16', 'never'],
  ['64:ff9b::100.100.100.200', 'never'],
  ['2001:db8::1', 'never'],
  ['2001::1', 'never'],
  ['2606:4700::1111', 'public'],
  ['2a00:1450:4001::200e', 'public'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:169.254.169.254', 'never'],
  ['::ffff:8.8.8.8', 'public'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b::a9fe:a9fe', 'never'],
  ['64:ff9b:1::127.0.0.1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['2002:a9fe:a9fe::1', 'never'],
  ['2002:808:808::1', 'public'],
  // no literals
  ['1.2.3', null],
  ['1.2.3.4.5', null],
  ['01.2.3.4', null],
  ['256.1.1.1', null],
  ['fe80::1%eth0', null],
  ['1::2::3', null],
  ['12345::1', null],
  [':::', null],
  ['', null],
  ['example.com', null],
]

test.each(kinds)('%s is %s', (address, kind) => {
  expect(addressKind(address)).toBe(kind)
})

const refused = [
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '127.1',
  '0x7f.1',
  '127.0.0.0x1',
  '10.0.0.010',
  '1.2.3.4.5',
  'fe80::1%eth0',
  '',
  '.',
  'a..b',
  '-a.b',
]
const odd = ['a b', 'a/b', 'a@b', 'a\nb', 'x'.repeat(64), `${'a.'.repeat(130)}b`, 'http://a']

test.each([...refused, ...odd])('%j is no host that is asked for', (host) => {
  expect(hostForm(host)).toEqual({ form: 'refused' })
})

test('names and literals are told apart; a trailing dot and brackets are taken off', () => {
  expect(hostForm('db.example.com.')).toEqual({ form: 'name', name: 'db.example.com' })
  expect(hostForm('localhost')).toEqual({ form: 'name', name: 'localhost' })
  expect(hostForm('my_db-1')).toEqual({ form: 'name', name: 'my_db-1' })
  expect(hostForm('[::1]')).toEqual({ form: 'address', address: '::1' })
  expect(hostForm('10.0.0.1')).toEqual({ form: 'address', address: '10.0.0.1' })
})

test('consent opens private networks and this machine, and never the metadata of a cloud', () => {
  expect(refusalOf('public', false)).toBe(null)
  expect(refusalOf('private', false)).toMatch(/private network/)
  expect(refusalOf('loopback', false)).toMatch(/this machine/)
  expect(refusalOf('private', true)).toBe(null)
  expect(refusalOf('loopback', true)).toBe(null)
  expect(refusalOf('never', true)).toMatch(/never connects/)
})
