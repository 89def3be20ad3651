import { expect, test } from 'vitest'
import { exactText } from './text-encoding.ts'

const umlaut = Buffer.from([0x27, 0xe4, 0x27])

test.each([
  ['UTF8', Buffer.from("'ä'")],
  ['LATIN1', umlaut],
  ['LATIN2', umlaut],
  ['WIN1252', umlaut],
])('a letter of %s is sent as that letter', (encoding, bytes) => {
  expect(exactText(bytes, encoding)).toBe("'ä'")
})

test.each(['SQL_ASCII', 'EUC_TW', 'MULE_INTERNAL'])(
  'what has plain letters only needs no encoding; other letters of %s are not guessed',
  (encoding) => {
    expect(exactText(Buffer.from('SELECT 1'), encoding)).toBe('SELECT 1')
    expect(exactText(umlaut, encoding)).toBeNull()
  },
)

test('bytes that are no text of their encoding are not sent with another letter in their place', () => {
  expect(exactText(umlaut, 'UTF8')).toBeNull()
})
