import type { KeyView } from './keeping-views.ts'

/** What a key is for and what becomes of it, in sentences. Exhaustive by purpose. */
export function keyWords(key: Omit<KeyView, 'words'>, about: { inUse: boolean; workers: number; unheld: number }): string {
  const sentences: string[] = []
  switch (key.purpose) {
    case 'active':
      sentences.push('Seals every new backup.')
      if (key.lost) sentences.push('No live worker has it: no backup can be made until it is back.')
      break
    case 'older':
      if (key.copies > 0) sentences.push(`It was replaced, and still opens ${copies(key.copies)}.`)
      else sentences.push(key.onlyOpener > 0 ? 'It was replaced.' : 'No copy needs it any more: it may be retired.')
      if (key.onlyOpener > 0)
        sentences.push(
          `${copies(key.onlyOpener)} ${key.onlyOpener === 1 ? 'opens' : 'open'} with no other master key yet, damaged and missing ones among them.`,
        )
      break
    case 'recovery':
      sentences.push(
        about.inUse ? `The sheet in use opens ${copies(key.copies)}.` : `An older sheet, which still opens ${copies(key.copies)} for whoever has it.`,
      )
      break
    case 'kms':
      sentences.push(`AWS KMS opens ${copies(key.copies)} beside the master key.`)
      break
  }
  if (key.lost && about.unheld > 0) {
    const what = about.unheld === 1 ? '1 copy is' : `${about.unheld} copies are`
    sentences.push(`Lost as far as the live workers know: ${what} unrecoverable until somebody brings it back, or by the recovery key.`)
  }
  if (key.purpose !== 'active' && !about.inUse && key.locked > 0) {
    const until = key.lockedUntil === null ? 'its lock ends' : key.lockedUntil.slice(0, 10)
    sentences.push(
      `${copies(key.locked)} ${key.locked === 1 ? 'is' : 'are'} locked and ${key.locked === 1 ? 'stays' : 'stay'} readable with it until ${until}.`,
    )
  }
  if ((key.purpose === 'active' || key.purpose === 'older') && about.workers === 0) sentences.push('No worker is alive to say whether it has it.')
  return sentences.join(' ')
}

function copies(count: number): string {
  return count === 1 ? '1 copy' : `${count} copies`
}
