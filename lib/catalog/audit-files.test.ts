import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAuditHead } from './audit-head.ts'
import { readOrMakeAuditKey } from './audit-key.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'lifeboat-audit-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('the key is made once, readable by its owner alone, and read ever after', () => {
  const file = path.join(dir, 'keys', 'audit.key')
  const made = readOrMakeAuditKey(file)
  expect(made).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o400)
  expect(readOrMakeAuditKey(file)).toEqual(made)
  expect(readdirSync(path.dirname(file))).toEqual(['audit.key'])
})

test('a damaged key file is refused and left as it is', () => {
  const file = path.join(dir, 'audit.key')
  writeFileSync(file, 'c2hvcnQ=\n')
  expect(() => readOrMakeAuditKey(file)).toThrow(/32 bytes/)
})

test('a head that was never recorded is null, and one that cannot be read is an error', () => {
  expect(readAuditHead(path.join(dir, 'audit.head'))).toBeNull()
  writeFileSync(path.join(dir, 'audit.head'), '{"seq": "many"}')
  expect(() => readAuditHead(path.join(dir, 'audit.head'))).toThrow()
})
