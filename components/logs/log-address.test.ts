import { expect, test } from 'vitest'
import { logQueryOf, logsHref, readLogAddress } from './log-address.ts'

const id = '3f0c7a52-6a51-4f6e-9d55-0a8f4f0f8c11'

test('the address of a search is read back as it was written, and what is no filter is left out', () => {
  const asked = readLogAddress({ q: 'no space & left', kind: 'trouble', databaseId: id, since: '30d', operationId: 'x', cursor: '%', kindly: 'x' })
  expect(asked).toEqual({ q: 'no space & left', kind: 'trouble', databaseId: id, operationId: null, since: '30d', cursor: null })
  expect(readLogAddress(Object.fromEntries(new URL(logsHref(asked), 'http://x').searchParams))).toEqual(asked)
})

test('without a period the last seven days are searched, and all that is kept where that is asked for', () => {
  expect(logsHref(readLogAddress({}))).toBe('/logs')
  expect(logQueryOf(readLogAddress({}))).toEqual({ since: '7d' })
  expect(logQueryOf(readLogAddress({ since: 'all' }))).toEqual({})
})
