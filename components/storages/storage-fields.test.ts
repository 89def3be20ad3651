import { expect, test } from 'vitest'
import { emptyStorage, problemsOf, requestOf } from './storage-fields.ts'

test('a directory needs an absolute path, and nothing of a bucket', () => {
  expect(problemsOf({ ...emptyStorage, name: 'local', path: 'backups' })).toHaveProperty('path')
  expect(problemsOf({ ...emptyStorage, name: 'local', path: '/backups' })).toEqual({})
  expect(requestOf({ ...emptyStorage, name: 'local', path: '/backups', secretAccessKey: 'x' })).toEqual({
    kind: 'local',
    name: 'local',
    path: '/backups',
    budgetBytes: null,
  })
})

test('a bucket without an endpoint is one of AWS', () => {
  const fields = { ...emptyStorage, kind: 's3' as const, name: 's3', bucket: 'backups', accessKeyId: 'a', secretAccessKey: 'b', budget: '1.5' }
  expect(problemsOf(fields)).toEqual({})
  expect(requestOf(fields)).not.toHaveProperty('endpoint')
  expect(requestOf(fields).budgetBytes).toBe(1_500_000_000)
})

test('an endpoint with a path is refused before it is tried', () => {
  const fields = { ...emptyStorage, kind: 's3' as const, endpoint: 'https://s3.example.com/bucket' }
  expect(problemsOf(fields)).toHaveProperty('endpoint')
})
