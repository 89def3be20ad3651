import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { listStorages } from '#lib/catalog/storages.ts'
import { requestReconcile } from '#lib/operations/reconcile/request.ts'
import { findStorage } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { type Session, withSession } from '../session.ts'

interface Reconciled {
  storage: string
  backups: number
  adopted: unknown[]
  unknown: unknown[]
  refused: unknown[]
}

export function addCatalog(program: Command): void {
  program
    .command('catalog')
    .description('the catalogue of backups')
    .command('rebuild')
    .description('find the backups that lie on a storage and put them back into the catalogue; needs the storage and the key, nothing else')
    .requiredOption('--storage <storage>', 'a name, an id, or a directory that was a storage')
    .option('--dry-run', 'only say what is there')
    .option('--yes', 'do not ask; a rebuild deletes nothing')
    .action(async (options: { storage: string; dryRun?: boolean }) => {
      process.exitCode = await withSession(async (session) => {
        const storageId = await storageFor(session, options.storage)
        const { id } = await requestReconcile(session.catalog, session.actor, { storageId, adopt: true, dryRun: options.dryRun ?? false, via: 'cli' })
        return printFinished(await untilFinished(session, id), (result) => {
          const seen = result.reconcile as Reconciled
          return `${seen.storage}: ${seen.backups} backups, ${seen.adopted.length} of them put back into the catalogue, ${seen.refused.length} refused.`
        })
      })
    })
}

/** A catalogue that was lost knows no storage: a directory says by its marker which one it is. */
async function storageFor(session: Session, word: string): Promise<string> {
  if ((await listStorages(session.catalog)).length === 0 && existsSync(path.join(session.env.LIFEBOAT_HOME, 'backups'))) {
    const { registerLocalStorage } = await import('../../supervisor/register.ts')
    await registerLocalStorage(session.catalog, session.env.LIFEBOAT_HOME)
  }
  const directory = path.resolve(word)
  if (!word.includes('/') || !existsSync(directory) || !statSync(directory).isDirectory()) return (await findStorage(session, word)).id
  const known = (await listStorages(session.catalog)).find((one) => 'path' in one.config && path.resolve(one.config.path) === directory)
  if (known !== undefined) return known.id
  const { registerStorage } = await import('../add-storage.ts')
  const { id, problem } = await registerStorage(
    session,
    path.basename(directory),
    { kind: 'local', config: { path: directory }, credentials: null },
    randomUUID(),
  )
  if (problem !== null) throw problem
  return id
}
