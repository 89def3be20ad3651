import { expect, test } from 'vitest'
import { compareBackups, countChanges } from './compare-backups.ts'
import type { BackupDetail } from './views.ts'

function table(name: string, rows: number, sha: string, schema = 'public'): BackupDetail['contents'][number] {
  return { ordinal: 1, kind: 'table', schema, name, rows, rawBytes: rows * 10, storedBytes: rows, rawSha256: sha }
}

test('tables that came, went, changed and stayed are told apart, what is gone first', () => {
  const changes = compareBackups(
    [table('gone', 5, 'a'), table('same', 7, 'b'), table('grown', 10, 'c'), table('edited', 3, 'd')],
    [table('same', 7, 'b'), table('grown', 90, 'e'), table('edited', 3, 'f'), table('fresh', 1, 'g')],
  )
  expect(changes.map((one) => [one.table, one.change])).toEqual([
    ['gone', 'gone'],
    ['fresh', 'new'],
    ['grown', 'changed'],
    ['edited', 'changed'],
    ['same', 'same'],
  ])
  expect(countChanges(changes)).toEqual({ new: 1, gone: 1, changed: 2, same: 1 })
  expect(changes[2]).toMatchObject({ rowsBefore: 10, rowsAfter: 90 })
})

test('equal names in different schemas are different tables', () => {
  const changes = compareBackups([table('t', 1, 'a', 'one')], [table('t', 1, 'a', 'two')])
  expect(changes.map((one) => [one.schema, one.change])).toEqual([
    ['one', 'gone'],
    ['two', 'new'],
  ])
})

test('entries that are no tables are not compared', () => {
  expect(compareBackups([{ ...table('toc', 0, 'a'), kind: 'toc' }], [{ ...table('toc', 0, 'b'), kind: 'toc' }])).toEqual([])
})
