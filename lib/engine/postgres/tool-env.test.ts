import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Connection, startupOptions } from './connection.ts'
import { passwordLine, quotedConninfo, withToolEnv } from './tool-env.ts'

const conn: Connection = {
  host: '127.0.0.1',
  port: 5432,
  dbname: 'host=evil dbname=x',
  username: 'ann',
  password: 'se:cr\\et',
  sslMode: 'disable',
  caPem: null,
  applicationName: 'lifeboat/op/1',
}
let staging: string
beforeEach(async () => {
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(async () => {
  await rm(staging, { recursive: true })
})

test('colons and backslashes are escaped in the password file; a name with a newline, which has no escape, becomes a star', () => {
  expect(passwordLine({ ...conn, dbname: 'a:b\\c' })).toBe('127.0.0.1:5432:a\\:b\\\\c:ann:se\\:cr\\\\et\n')
  expect(passwordLine({ ...conn, dbname: 'a\nb' })).toBe('127.0.0.1:5432:*:ann:se\\:cr\\\\et\n')
  expect(passwordLine({ ...conn, host: '::1' })).toMatch(/^\\:\\:1:5432:/)
  expect(passwordLine({ ...conn, password: null })).toBe('')
})

test('the name of a database is a quoted value in the conninfo, whatever it holds', () => {
  expect(quotedConninfo('host=evil dbname=x')).toBe(`dbname='host=evil dbname=x'`)
  expect(quotedConninfo(`a' host='evil\\`)).toBe(`dbname='a\\' host=\\'evil\\\\'`)
})

test('start-up options escape what would split them', () => {
  expect(startupOptions({ TimeZone: 'a b\\c -c x=y' })).toBe('-c TimeZone=a\\ b\\\\c\\ -c\\ x=y')
})

test('the child gets a whole environment of its own, and a private home that holds the password file for as long as the work lasts', async () => {
  await expect(
    withToolEnv(conn, staging, async ({ env, dir }) => {
      expect((await stat(dir)).mode & 0o777).toBe(0o700)
      expect((await stat(env.PGPASSFILE ?? '')).mode & 0o777).toBe(0o600)
      expect(await readFile(env.PGPASSFILE ?? '', 'utf8')).toContain('ann')
      expect(env).toMatchObject({ PGDATABASE: 'host=evil dbname=x', HOME: dir, LC_ALL: 'C', PGCONNECT_TIMEOUT: '10', PGSSLMODE: 'disable' })
      expect(JSON.stringify(env)).not.toContain('se:cr')
      throw new Error('the work failed')
    }),
  ).rejects.toThrow('the work failed')
  expect(await readdir(staging)).toEqual([])
})

test('outside this machine an environment without verified TLS is never made', async () => {
  await expect(withToolEnv({ ...conn, host: 'db.example.com' }, staging, async () => {})).rejects.toMatchObject({ code: 'tls' })
  await expect(withToolEnv({ ...conn, host: '/tmp' }, staging, async () => {})).rejects.toMatchObject({ code: 'usage' })
  await withToolEnv({ ...conn, host: '10.1.2.3', sslMode: 'verify-full', caPem: 'PEM' }, staging, async ({ env }) => {
    expect(env).toMatchObject({ PGHOST: '10.1.2.3', PGSSLMODE: 'verify-full', PGSSLMINPROTOCOLVERSION: 'TLSv1.2' })
    expect(await readFile(env.PGSSLROOTCERT ?? '', 'utf8')).toBe('PEM')
  })
})

test('a tool connects to the addresses that were looked at, each under the name that the certificate is for', async () => {
  await withToolEnv({ ...conn, host: 'localhost' }, staging, async ({ env }) => {
    const addresses = env.PGHOSTADDR?.split(',') ?? []
    expect(addresses.length).toBeGreaterThan(0)
    for (const address of addresses) expect(address).toMatch(/^(?:127\.0\.0\.1|::1)$/)
    expect(env.PGHOST).toBe(addresses.map(() => 'localhost').join(','))
  })
  await expect(withToolEnv({ ...conn, host: '169.254.169.254', sslMode: 'verify-full' }, staging, async () => {})).rejects.toMatchObject({
    code: 'refused',
  })
})
