import { expect, test } from 'vitest'
import { addressGroup, clientAddress } from './client-address.ts'

const sent = (peer: string | null, forwarded?: string) =>
  new Headers({ ...(peer === null ? {} : { 'x-lifeboat-peer': peer }), ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) })

test('a client cannot choose its address by X-Forwarded-For', () => {
  expect(clientAddress(sent('203.0.113.5', '10.9.9.9'), '')).toBe('203.0.113.5')
  expect(clientAddress(sent('203.0.113.5', '10.9.9.9'), '192.0.2.1')).toBe('203.0.113.5')
  expect(clientAddress(sent(null, '10.9.9.9'), '')).toBe('unknown')
})

test('behind a configured proxy, the last address that is no proxy counts', () => {
  expect(clientAddress(sent('192.0.2.1', '6.6.6.6, 203.0.113.9'), '192.0.2.1')).toBe('203.0.113.9')
  expect(clientAddress(sent('::ffff:192.0.2.1', '6.6.6.6, 203.0.113.9, 192.0.2.77'), '192.0.2.0/24')).toBe('203.0.113.9')
  expect(clientAddress(sent('192.0.2.1', 'junk'), '192.0.2.1')).toBe('192.0.2.1')
})

test('IPv6 counts by the /64 that one subscriber holds', () => {
  expect(addressGroup('2001:0db8:0:1:aaaa::7')).toBe('2001:db8:0:1::/64')
  expect(addressGroup('2001:db8::7')).toBe('2001:db8:0:0::/64')
  expect(addressGroup('203.0.113.9')).toBe('203.0.113.9')
})
