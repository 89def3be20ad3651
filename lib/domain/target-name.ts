/** Postgres cuts identifiers at 63 bytes without a word, so a longer name would be another database. */
export const maximumNameBytes = 63

/** `cap_table_restored_20261122_0300`: says what it is and from when, and fits. `backupAt` is an ISO time. */
export function suggestTargetName(dbname: string, backupAt: string): string {
  const at = new Date(backupAt).toISOString()
  const suffix = `_restored_${at.slice(0, 10).replaceAll('-', '')}_${at.slice(11, 16).replace(':', '')}`
  return cutToBytes(dbname, maximumNameBytes - suffix.length) + suffix
}

/** Why this may not be the name of a new database; null: it may. `liveDbname`: a database that is there, as far as is known. */
export function problemOfTargetName(name: string, liveDbname: string | null): string | null {
  if (name === '') return 'Give the new database a name.'
  if (name !== name.trim()) return 'The name begins or ends with a space.'
  if (new TextEncoder().encode(name).length > maximumNameBytes) return `PostgreSQL cuts names after ${maximumNameBytes} bytes; choose a shorter one.`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'The name holds a control character.'
  if (name === liveDbname) return `${name} is the live database. Restore beside it under another name: nothing is overwritten.`
  if (['postgres', 'template0', 'template1'].includes(name)) return `${name} belongs to the server itself.`
  return null
}

export function cutToBytes(text: string, bytes: number): string {
  let kept = ''
  let size = 0
  for (const character of text) {
    size += new TextEncoder().encode(character).length
    if (size > bytes) break
    kept += character
  }
  return kept
}
