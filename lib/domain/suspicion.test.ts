import { describe, expect, it } from 'vitest'
import { type Measured, suspicionOf } from './suspicion.ts'

const mb = 2 ** 20
const table = (name: string, rows: number, rawBytes = rows * 100) => ({ schema: 'public', table: name, rows, rawBytes })
const holds = (...tables: Measured['tables'][number][]): Measured => ({
  rows: tables.reduce((sum, one) => sum + one.rows, 0),
  rawBytes: tables.reduce((sum, one) => sum + one.rawBytes, 0),
  tables,
})
const usual = holds(table('orders', 10_000), table('people', 500))

describe('a backup is held against those before it', () => {
  it('is not suspicious when it is as usual, or the first one', () => {
    expect(suspicionOf(usual, usual, [usual.rawBytes])).toBeNull()
    expect(suspicionOf(usual, null, [])).toBeNull()
  })

  it('says that no row is left, also of a first backup; an empty one that a person found fine is the norm', () => {
    const empty = holds(table('orders', 0), table('people', 0))
    expect(suspicionOf(empty, usual, [usual.rawBytes])).toBe('The database holds no rows.')
    expect(suspicionOf(empty, null, [])).toBe('The database holds no rows.')
    expect(suspicionOf(empty, empty, [0])).toBeNull()
  })

  it('names the tables with rows that are gone, and not those that were empty', () => {
    const before = holds(table('orders', 10_000), table('people', 500), table('nothing', 0))
    expect(suspicionOf(holds(table('orders', 10_000)), before, [])).toBe('A table that held rows is gone: public.people (500 rows).')
  })

  it('takes a rotated partition for what it is, and a lone numbered table for gone', () => {
    const before = holds(table('events_2026_01', 900), table('events_2026_02', 900), table('people', 500))
    expect(suspicionOf(holds(table('events_2026_02', 900), table('events_2026_03', 900), table('people', 500)), before, [])).toBeNull()
    expect(suspicionOf(holds(table('people', 500)), before, [])).toContain('2 tables that held rows are gone')
  })

  it('names a table that lost every row, unless it never held much', () => {
    expect(suspicionOf(holds(table('orders', 0), table('people', 500)), usual, [])).toBe('A table lost every row: public.orders (10,000 rows).')
    const queue = holds(table('orders', 10_000), table('queue', 90))
    expect(suspicionOf(holds(table('orders', 10_000), table('queue', 0)), queue, [])).toBeNull()
  })

  it('tells a size far off the median of the last ones, both ways', () => {
    const sized = (rawBytes: number) => holds(table('orders', 10_000, rawBytes))
    expect(suspicionOf(sized(9 * mb), null, [100 * mb, 101 * mb, 5 * mb])).toMatch(/shrank by 91 %/)
    expect(suspicionOf(sized(11 * mb), null, [100 * mb, 101 * mb, 5 * mb])).toBeNull()
    expect(suspicionOf(sized(1101 * mb), null, [100 * mb])).toMatch(/grew from .* to .*/)
    // ten times of little is still little
    expect(suspicionOf(sized(11 * mb), null, [1 * mb])).toBeNull()
  })
})
