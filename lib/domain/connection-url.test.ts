import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLoopback, parseConnectionUrl } from './connection-url.ts'
import { LifeboatError } from './errors.ts'

test('a plain URL gives its parts, and TLS outside this machine is verified whatever it says', () => {
  expect(parseConnectionUrl('postgresql://ann:p%40ss:w@db.example.com:6432/shop?sslmode=require')).toEqual({
    host: 'db.example.com',
    port: 6432,
    dbname: 'shop',
    username: 'ann',
    password: 'p@ss:w',
    sslMode: 'verify-full',
  })
  expect(parseConnectionUrl('postgres://ann@127.0.0.1')).toEqual({
    host: '127.0.0.1',
    port: 5432,
    dbname: 'ann',
    username: 'ann',
    password: null,
    sslMode: 'disable',
  })
  expect(parseConnectionUrl('postgres://ann@[::1]:5433/x?sslmode=require')).toMatchObject({ host: '::1', port: 5433, sslMode: 'verify-full' })
})

test('a hostile name of a database stays a name', () => {
  expect(parseConnectionUrl('postgresql://u@localhost/host%3Devil%20dbname%3Dx').dbname).toBe('host=evil dbname=x')
  expect(parseConnectionUrl('postgresql://u@localhost/--file%3D%2Ftmp%2Fx').dbname).toBe('--file=/tmp/x')
})

describe('refused without contacting anyone, and without repeating the password', () => {
  test.each([
    ['another scheme', 'mysql://u:canary@h/d'],
    ['a password file', 'postgresql://u:canary@h/d?passfile=/etc/passwd'],
    ['a service', 'postgresql://u:canary@h/d?service=x'],
    ['options', 'postgresql://u:canary@h/d?options=-csearch_path%3Devil'],
    ['a client key', 'postgresql://u:canary@h/d?sslkey=/root/key'],
    ['a key log', 'postgresql://u:canary@h/d?sslkeylogfile=/tmp/x'],
    ['a CA path', 'postgresql://u:canary@h/d?sslrootcert=/tmp/x'],
    ['another address', 'postgresql://u:canary@h/d?hostaddr=10.0.0.1'],
    ['another host', 'postgresql://u:canary@h/d?host=evil'],
    ['another host, escaped', 'postgresql://u:canary@h/d?h%6fst=evil'],
    ['several hosts', 'postgresql://u:canary@a,b/d'],
    ['several hosts, escaped', 'postgresql://u:canary@a%2Cb/d'],
    ['a socket path', 'postgresql://u:canary@%2Ftmp/d'],
    ['no host', 'postgresql://u:canary@/d'],
    ['no user', 'postgresql://h/d'],
    ['a port out of range', 'postgresql://u:canary@h:70000/d'],
    ['an unknown sslmode', 'postgresql://u:canary@h/d?sslmode=maybe'],
    ['plaintext outside this machine', 'postgresql://u:canary@h/d?sslmode=disable'],
    ['a fragment', 'postgresql://u:canary@h/d#x'],
    ['a NUL', 'postgresql://u:canary@h/d%00x'],
    ['a name over 63 bytes', `postgresql://u:canary@h/${'é'.repeat(32)}`],
    ['a broken escape', 'postgresql://u:canary%@h/d'],
  ])('%s', (_, url) => {
    const refusal = (() => {
      try {
        parseConnectionUrl(url)
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(LifeboatError)
    expect(refusal).toMatchObject({ code: 'usage' })
    expect(JSON.stringify(refusal)).not.toContain('canary')
  })
})

test('whatever user, password and name hold, the parsed parts are exactly they', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }).filter((one) => !one.includes('\0') && one.isWellFormed())
  fc.assert(
    fc.property(text, text, text, (user, password, name) => {
      const url = `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db.example.com/${encodeURIComponent(name)}`
      expect(parseConnectionUrl(url)).toMatchObject({ username: user, password, dbname: name })
    }),
  )
})

test('only loopback is loopback', () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].map(isLoopback)).toEqual([true, true, true, true])
  expect(['localhost.evil.com', '128.0.0.1', '127.0.0.1.evil.com', '0.0.0.0', '2130706433', '::ffff:127.0.0.1'].some(isLoopback)).toBe(false)
})
