import type { Command } from 'commander'
import { listCopies } from '#lib/catalog/copies.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestCopy } from '#lib/operations/copy/request.ts'
import { confirm } from '../ask.ts'
import { findBackup, findStorage } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { print, size } from '../output.ts'
import { type Session, withSession } from '../session.ts'

interface Options {
  to: string
  from?: string
  move?: boolean
  database?: string
  yes?: boolean
}

interface Copied {
  storage: string
  from: string | null
  did: 'nothing' | 'repaired' | 'copied'
  bytes: number
  moved: boolean
}

export function addCopy(program: Command): void {
  program
    .command('copy')
    .description('make a copy of a backup on another storage from its other copies, make a bad one good again, or move one')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .requiredOption('--to <storage>', 'where to; a bad copy there is repaired')
    .option('--from <storage>', 'whose copy is read first; by default the most trusted')
    .option('--move', 'the copy that it is made from goes, once the new one was read back whole')
    .option('--database <name>', 'of this database')
    .option('--yes', 'do not ask')
    .action(async (which: string, options: Options) => {
      process.exitCode = await withSession((session) => copy(session, which, options))
    })
}

async function copy(session: Session, which: string, options: Options): Promise<number> {
  const { move = false } = options
  const backup = await findBackup(session, which, options.database, 'verify')
  const storage = await findStorage(session, options.to)
  const from = options.from === undefined ? null : await copyOn(session, backup.id, options.from)
  if (move) await confirm(`Move ${backup.name} to ${storage.name}? The copy that it is made from is deleted.`, options.yes === true)
  const asked = { backupId: backup.id, storageId: storage.id, fromCopyId: from, move, via: 'cli' as const }
  const { id } = await requestCopy(session.catalog, session.actor, asked)
  if (id === null) {
    const waiting = { backup: backup.name, storage: storage.name, state: 'waiting' }
    print({ copy: waiting }, () => `${storage.name} is offline. The copy of ${backup.name} is made when it is back.`)
    return 0
  }
  return printFinished(await untilFinished(session, id), (result) => {
    const { from: source, did, bytes, moved } = result.copy as Copied
    const made = {
      nothing: `There was a copy of ${backup.name} on ${storage.name} already.`,
      copied: `${backup.name} was copied from ${source} to ${storage.name}: ${size(bytes)}.`,
      repaired: `The copy of ${backup.name} on ${storage.name} was made good again from ${source}.`,
    }[did]
    return moved ? `${made} The old copy is deleted.` : made
  })
}

async function copyOn(session: Session, backupId: string, name: string): Promise<string> {
  const storage = await findStorage(session, name)
  const found = (await listCopies(session.catalog, backupId)).find((one) => one.storage_id === storage.id)
  if (found !== undefined) return found.id
  throw new LifeboatError('not_found', `There is no copy of it on ${storage.name}.`, 'lifeboat list-backups')
}
