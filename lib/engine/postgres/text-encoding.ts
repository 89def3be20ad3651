import { isAscii } from 'node:buffer'

const labels: Readonly<Record<string, string>> = {
  UTF8: 'utf-8',
  EUC_JP: 'euc-jp',
  EUC_KR: 'euc-kr',
  WIN1251: 'windows-1251',
  WIN1252: 'windows-1252',
  LATIN2: 'iso-8859-2',
  KOI8R: 'koi8-r',
}

/** Text of a server's encoding, for people. Unknown ones are read byte by byte. */
export function decodeText(bytes: Buffer, encoding: string): string {
  const label = labels[encoding]
  return label === undefined ? bytes.toString('latin1') : new TextDecoder(label).decode(bytes)
}

/** Text of a server's encoding, to be sent on as it is: null where a letter cannot be told, as in SQL_ASCII, which knows none. */
export function exactText(bytes: Buffer, encoding: string): string | null {
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (encoding === 'LATIN1') return bytes.toString('latin1')
  const label = labels[encoding]
  if (label === undefined) return null
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
