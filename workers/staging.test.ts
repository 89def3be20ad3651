import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Staging, takeStaging } from './staging.ts'

let root: string
const taken: Staging[] = []
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(() => {
  for (const one of taken.splice(0)) one.release()
  rmSync(root, { recursive: true })
})

function take(...args: Parameters<typeof takeStaging> extends [string, ...infer Rest] ? Rest : never): string {
  const staging = takeStaging(root, ...args)
  taken.push(staging)
  return staging.directory
}

function leave(name: string): string {
  mkdirSync(path.join(root, name, 'dump'), { recursive: true })
  writeFileSync(path.join(root, name, 'dump', '1.dat'), 'rows')
  return path.join(root, name)
}

/** As if its process had marked it last `minutes` ago. */
function age(directory: string, minutes: number): void {
  const then = new Date(Date.now() - minutes * 60_000)
  utimesSync(directory, then, then)
}

/** machine, pid and start, as this process's own directory names them */
function identity(): { machine: string; pid: string; start: string } {
  const [, machine = '', pid = '', start = ''] = /^worker-([0-9a-f]{16})-(\d+)-(\d+)$/.exec(path.basename(take('worker'))) ?? []
  return { machine, pid, start }
}

test('a worker that starts removes what dead ones left, which may hold a dump, and nothing of the living', () => {
  const { machine, pid, start } = identity()
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const gone = [leave(`worker-${machine}-${dead}-12345`), leave(`inline-${machine}-${dead}-12345`)]
  const kept = [leave(`inline-${machine}-${pid}-${start}`), leave('somebody-else')]
  const mine = take('worker')
  expect(statSync(mine).mode & 0o777).toBe(0o700)
  expect(gone.map((one) => existsSync(one))).toEqual([false, false])
  expect(kept.map((one) => existsSync(path.join(one, 'dump', '1.dat')))).toEqual([true, true])
})

test('a process that has the pid of a dead one is another process', () => {
  const { machine, pid, start } = identity()
  const earlier = leave(`worker-${machine}-${pid}-${Number(start) - 1}`)
  take('inline')
  expect(existsSync(earlier)).toBe(false)
})

test('two containers that are both the same pid on one volume leave each other alone', () => {
  const one = take('worker', 'aaaaaaaaaaaaaaaa')
  writeFileSync(path.join(one, '1.dat'), 'rows')
  const other = take('worker', 'bbbbbbbbbbbbbbbb')
  expect(other).not.toBe(one)
  expect(existsSync(path.join(one, '1.dat'))).toBe(true)
})

test('what another machine left goes when nobody has marked it as used for a quarter of an hour', () => {
  const names = ['worker-cccccccccccccccc-1-77', 'worker-dddddddddddddddd-1-77', 'worker-4711', 'worker-4712']
  const [stale, fresh, staleOld, freshOld] = names.map(leave) as [string, string, string, string]
  for (const one of [stale, staleOld]) age(one, 16)
  for (const one of [fresh, freshOld]) age(one, 10)
  take('worker')
  expect([stale, staleOld, fresh, freshOld].map((one) => existsSync(one))).toEqual([false, false, true, true])
})

test('a directory that is released is gone', () => {
  const staging = takeStaging(root, 'inline')
  writeFileSync(path.join(staging.directory, '1.dat'), 'rows')
  staging.release()
  expect(existsSync(staging.directory)).toBe(false)
})
