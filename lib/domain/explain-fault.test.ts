import { expect, test } from 'vitest'
import { explainFault } from './explain-fault.ts'

test.each([
  ['FATAL:  password authentication failed for user "backup"', /turns its user or password down/],
  ['connect ECONNREFUSED 10.0.0.7:443', /^Nothing listens at that address/],
  ['Nothing answers at db:5432.', /could not connect to the database/],
  ['could not write to file "base/1": No space left on device', /disk is full/],
  ['ERROR:  canceling statement due to lock timeout', /held a lock/],
  ['FATAL:  terminating connection due to administrator command', /connection broke/],
  ['ERROR:  extension "postgis" is not available', /software of an extension/],
  ['ERROR:  role "app_owner" does not exist', /not on the target/],
  ['pg_dump: error: SSL SYSCALL error: EOF detected', /connection broke/],
  ['SSL connection has been closed unexpectedly', /connection broke/],
  ['self-signed certificate in certificate chain', /did not prove who it is/],
  ["EACCES: permission denied, open '/backups/a'", /file or folder/],
  ['ERROR:  permission denied for table orders', /role may not read/],
  ['connect ETIMEDOUT 10.0.0.7:5432', /did not answer in time/],
])('“%s” is explained', (message, what) => {
  expect(explainFault(message)?.what).toMatch(what)
  expect(explainFault(message)?.remedy).not.toBe('')
})

test('the code of an ended operation says more than the words of its message', () => {
  expect(explainFault('The dump of table one stopped.', 'row_security')?.remedy).toContain('BYPASSRLS')
  expect(explainFault('connection refused', 'storage_unreachable')?.what).toContain('storage')
})

test('what is no common fault is not explained', () => {
  expect(explainFault('queued')).toBeNull()
  expect(explainFault('The certificate of the database ends in 9 days.')).toBeNull()
  expect(explainFault('The channel answered 429 too many requests.')).toBeNull()
  expect(explainFault('Cancelled by Ada.', 'cancelled')).toBeNull()
  expect(explainFault('something new', 'a_code_of_a_newer_worker')).toBeNull()
})
