import { expect, test } from 'vitest'
import { backupCommand, dropDatabaseSql, restoreCommand, shellWord } from './shell-commands.ts'

test('a hostile name stays one argument of the shell', () => {
  expect(shellWord(`a'; rm -rf ~ #`)).toBe(`'a'\\''; rm -rf ~ #'`)
  expect(shellWord('--target-url=x')).toBe(`'--target-url=x'`)
  expect(shellWord('')).toBe(`''`)
})

test('a plain name is not quoted', () => {
  expect(restoreCommand('backup_daily_20261122_030000', 'cap_table_restored', { dryRun: true })).toBe(
    'lifeboat restore-full backup_daily_20261122_030000 --target-db cap_table_restored --dry-run',
  )
})

test('a restore to another server names the server and what was decided about roles', () => {
  const server = { username: 'restorer', host: 'db.example.com', port: 5433, dbname: 'app' }
  expect(restoreCommand('b', 'copy', { dryRun: false, server, roles: 'drop_grants', force: true })).toBe(
    'lifeboat restore-full b --target-db copy --target-url postgresql://restorer@db.example.com:5433/app --roles drop_grants --force',
  )
})

test('every chosen storage is named', () => {
  expect(backupCommand('cap table', ['local', 's3 eu'], false)).toBe(
    `lifeboat backup manual --database 'cap table' --storage local --storage 's3 eu'`,
  )
})

test('a database name with quotes drops only itself', () => {
  expect(dropDatabaseSql(`x"; DROP TABLE y; --`)).toBe(`DROP DATABASE "x""; DROP TABLE y; --";`)
})
