import { readableCopyStates } from './states.ts'
import { formatCount } from './units.ts'
import type { BackupView } from './views.ts'

/** Can this backup be trusted? The answer first, then what it rests on. `level` orders how much is known. */
export interface Trust {
  level: 'proven' | 'verified' | 'stored' | 'pending' | 'lost'
  verdict: string
  because: string
}

export function trustIn(backup: BackupView): Trust {
  const readable = backup.copies.filter((copy) => (readableCopyStates as readonly string[]).includes(copy.state))
  const bad = backup.copies.filter((copy) => ['corrupt', 'missing', 'failed'].includes(copy.state))
  const damaged = bad.map((copy) => `The copy on ${copy.storage.name} ${copy.state === 'failed' ? 'failed' : `is ${copy.state}`}.`).join(' ')
  if (readable.length === 0) {
    const pending = backup.copies.some((copy) => copy.state === 'storing' || copy.state === 'waiting')
    return pending
      ? { level: 'pending', verdict: 'Not yet: it is being stored', because: 'A backup counts only when its manifest is written, last of all.' }
      : { level: 'lost', verdict: 'No: no copy of it can be read', because: damaged || 'All its copies are deleted.' }
  }
  const places = `${formatCount(readable.length, 'readable copy', 'readable copies')}: ${readable.map((copy) => copy.storage.name).join(', ')}.`
  const because = damaged === '' ? places : `${places} ${damaged}`
  if (backup.provenAt !== null) {
    return { level: 'proven', verdict: 'Yes: a drill restored it and compared every table', because }
  }
  const whole = readable
    .filter((copy) => copy.verifiedAt !== null && copy.state !== 'stored')
    .map((copy) => copy.storage.name)
    .join(' and ')
  if (whole !== '') {
    return {
      level: 'verified',
      verdict:
        bad.length === 0
          ? 'Yes: every stored byte was read back and authenticated'
          : `Yes, from ${whole}: every byte there was read back and authenticated`,
      because: `${because} No drill has proven it yet.`,
    }
  }
  return { level: 'stored', verdict: 'Probably: it is stored, but was never read back', because: `${because} Verify it to be sure.` }
}
