import { expect, test } from 'vitest'
import { assertAboveFloor, chooseTool, isBelowFloor, type ToolReport } from './tools.ts'

const tool = (version: string): ToolReport => {
  const major = Number(version.split('.')[0])
  return {
    tool: 'pg_dump',
    path: `/usr/lib/postgresql/${major}/bin/pg_dump`,
    version,
    major,
    ok: !isBelowFloor(major, Number(version.split('.')[1])),
  }
}

test('the lowest major that fits the server is taken, its newest minor', () => {
  const all = [tool('17.12'), tool('15.18'), tool('15.20'), tool('16.16')]
  expect(chooseTool(all, 'pg_dump', 15).version).toBe('15.20')
  expect(chooseTool(all, 'pg_dump', 14).version).toBe('15.20')
  expect(chooseTool(all, 'pg_dump', 16).version).toBe('16.16')
})

test('a server newer than every tool, and a machine without tools, are told with the package to install', () => {
  expect(() => chooseTool([tool('15.20')], 'pg_dump', 17)).toThrow('PostgreSQL 17, and the newest pg_dump here is 15')
  expect(() => chooseTool([tool('15.20')], 'pg_restore', 15)).toThrow('No pg_restore')
})

test('versions below their floor are known as such', () => {
  expect(isBelowFloor(15, 19)).toBe(true)
  expect(isBelowFloor(15, 20)).toBe(false)
  expect(isBelowFloor(13, 99)).toBe(true)
  expect(isBelowFloor(19, 0)).toBe(false)
  expect(() => assertAboveFloor(tool('15.19'))).toThrow('15.20 is the oldest')
  expect(() => assertAboveFloor(tool('15.20'))).not.toThrow()
})
