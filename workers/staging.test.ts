import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeStaging } from './staging.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('a worker that starts removes what dead ones left, which may hold a dump, and nothing of the living', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  for (const name of [`worker-${dead}`, `inline-${dead}`, `worker-${process.ppid}`, 'somebody-else']) {
    mkdirSync(path.join(root, name, 'dump'), { recursive: true })
    writeFileSync(path.join(root, name, 'dump', '1.dat'), 'rows')
  }
  const mine = takeStaging(root, 'worker')
  expect(statSync(mine).mode & 0o777).toBe(0o700)
  expect(existsSync(path.join(root, `worker-${dead}`))).toBe(false)
  expect(existsSync(path.join(root, `inline-${dead}`))).toBe(false)
  expect(existsSync(path.join(root, `worker-${process.ppid}`, 'dump', '1.dat'))).toBe(true)
  expect(existsSync(path.join(root, 'somebody-else', 'dump', '1.dat'))).toBe(true)
})
