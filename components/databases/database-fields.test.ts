import { expect, test } from 'vitest'
import { emptyFields, fillFromUrl, problemsOf, requestOf } from './database-fields.ts'

test('a pasted URL fills every field and keeps a name that was typed', () => {
  const { fields, problem } = fillFromUrl({ ...emptyFields, name: 'billing' }, 'postgresql://lifeboat:p%40ss@db.internal:6432/app?sslmode=require')
  expect(problem).toBeNull()
  expect(fields).toMatchObject({
    name: 'billing',
    host: 'db.internal',
    port: '6432',
    dbname: 'app',
    username: 'lifeboat',
    password: 'p@ss',
    sslMode: 'verify-full',
  })
  expect(problemsOf(fields)).toEqual({})
})

test('a URL that would read files or redirect is refused and changes no field', () => {
  const { fields, problem } = fillFromUrl(emptyFields, 'postgresql://u@db.internal/app?passfile=/etc/passwd')
  expect(problem).toContain('passfile')
  expect(fields).toEqual(emptyFields)
})

test('plaintext is accepted on this machine only', () => {
  const local = { ...emptyFields, name: 'a', host: '127.0.0.1', dbname: 'a', username: 'a', sslMode: 'disable' as const }
  expect(problemsOf(local)).toEqual({})
  expect(problemsOf({ ...local, host: 'db.internal' })).toHaveProperty('sslMode')
})

test('an empty password is none, not an empty one', () => {
  expect(requestOf({ ...emptyFields, password: '' }).password).toBeNull()
})
