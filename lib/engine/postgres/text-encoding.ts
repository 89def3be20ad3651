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
