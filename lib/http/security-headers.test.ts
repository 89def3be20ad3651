import { NextRequest } from 'next/server'
import { afterEach, expect, test } from 'vitest'
import { forgetEnv } from '#lib/env.ts'
import { proxy } from '../../proxy.ts'

afterEach(() => {
  delete process.env.LIFEBOAT_URL
  forgetEnv()
})
const answer = (url: string, cookie = '') => proxy(new NextRequest(`http://127.0.0.1:3000${url}`, { headers: { cookie } }))
const directives = (response: Response) =>
  new Map((response.headers.get('content-security-policy') ?? '').split('; ').map((one) => [one.split(' ')[0] ?? '', one.split(' ').slice(1)]))

test('no site may frame a page, scripts run only with the nonce of their answer, and the nonce never comes twice', () => {
  const nonces = ['/', '/sign-in', '/databases', '/api/v1/databases'].map((url) => {
    const policy = directives(answer(url, 'better-auth.session_token=x'))
    expect(policy.get('frame-ancestors')).toEqual(["'none'"])
    expect(policy.get('object-src')).toEqual(["'none'"])
    expect(policy.get('base-uri')).toEqual(["'none'"])
    const scripts = policy.get('script-src') ?? []
    expect(scripts.join(' ')).not.toMatch(/unsafe|\*|https?:/)
    return scripts.find((one) => one.startsWith("'nonce-"))
  })
  expect(nonces[0]).toMatch(/^'nonce-[\w+/]{22}==?'$/)
  expect(new Set(nonces).size).toBe(nonces.length)
})

test('types are not guessed, and answers of the API are kept by nobody', () => {
  const response = answer('/api/v1/databases')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('a public https address is held to https', () => {
  process.env.LIFEBOAT_URL = 'https://backup.example'
  forgetEnv()
  const response = answer('/sign-in')
  expect(response.headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/)
  expect(directives(response).has('upgrade-insecure-requests')).toBe(true)
})
