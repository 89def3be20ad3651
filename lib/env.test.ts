import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readEnv } from './env.ts'

test('without any setting the defaults lie below the project’s directory, on loopback', () => {
  expect(readEnv({ LIFEBOAT_ROOT: '/srv/lifeboat' })).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 3000,
    LIFEBOAT_HOME: '/srv/lifeboat/.lifeboat',
    LIFEBOAT_STAGING: '/srv/lifeboat/.lifeboat/staging',
    LOG_LEVEL: 'info',
  })
})

test('the owner’s connection is the application’s unless it is given', () => {
  expect(readEnv({ DATABASE_URL: 'postgres://app@h/c' }).DATABASE_MIGRATE_URL).toBe('postgres://app@h/c')
  expect(readEnv({ DATABASE_URL: 'postgres://app@h/c', DATABASE_MIGRATE_URL: 'postgres://owner@h/c' }).DATABASE_MIGRATE_URL).toBe(
    'postgres://owner@h/c',
  )
})

test('a secret can lie in a file, and the value itself wins', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'lifeboat-env-'))
  try {
    const file = path.join(dir, 'key')
    writeFileSync(file, 'from-file\n')
    expect(readEnv({ LIFEBOAT_KEY_FILE: file }).LIFEBOAT_KEY).toBe('from-file')
    expect(readEnv({ LIFEBOAT_KEY_FILE: file, LIFEBOAT_KEY: 'direct' }).LIFEBOAT_KEY).toBe('direct')
    expect(() => readEnv({ LIFEBOAT_KEY_FILE: path.join(dir, 'absent') })).toThrow(/ENOENT/)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('an empty value counts as unset', () => {
  const read = readEnv({ PORT: '', DATABASE_URL: '' })
  expect([read.PORT, read.DATABASE_URL]).toEqual([3000, undefined])
})

test('a bad value is named without being repeated', () => {
  const read = () => readEnv({ PORT: 'secret-in-the-wrong-place', LOG_LEVEL: 'loud' })
  expect(read).toThrow(/PORT.*LOG_LEVEL/s)
  expect(read).not.toThrow(/secret-in-the-wrong-place/)
})
