import { afterEach, expect, test } from 'vitest'
import { forgetEnv } from '#lib/env.ts'
import { isSameOrigin } from './same-origin.ts'

const at = (url: string | undefined) => {
  if (url === undefined) delete process.env.LIFEBOAT_URL
  else process.env.LIFEBOAT_URL = url
  forgetEnv()
}
afterEach(() => at(undefined))
const asked = (headers: Record<string, string>) => isSameOrigin(new Headers({ host: 'backup.example', ...headers }))

test('on plain http, the host that was asked is our origin, and nothing near it', () => {
  at(undefined)
  expect(asked({ origin: 'http://backup.example' })).toBe(true)
  expect(asked({ origin: 'http://backup.example', 'sec-fetch-site': 'same-origin' })).toBe(true)
  expect(asked({ 'sec-fetch-site': 'same-origin' })).toBe(true)
  for (const origin of ['http://backup.example.evil', 'http://backup.example:81', 'http://a.backup.example', 'null', '']) {
    expect(asked({ origin }), origin).toBe(false)
  }
  expect(asked({})).toBe(false)
})

test('over https only the public address counts, not its plain twin and not the host that a proxy passes on', () => {
  at('https://backup.example')
  expect(asked({ origin: 'https://backup.example' })).toBe(true)
  expect(asked({ origin: 'http://backup.example' })).toBe(false)
  expect(isSameOrigin(new Headers({ host: 'evil.example', origin: 'http://evil.example' }))).toBe(false)
})

test('what the browser says about the site outweighs an origin', () => {
  at(undefined)
  for (const site of ['cross-site', 'same-site', 'none']) expect(asked({ origin: 'http://backup.example', 'sec-fetch-site': site }), site).toBe(false)
})
