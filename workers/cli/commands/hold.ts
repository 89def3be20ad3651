import { type Command, Option } from 'commander'
import { listOpenHolds } from '#lib/catalog/holds.ts'
import { holdsOf, viewOfHold } from '#lib/catalog/views/holds.ts'
import { maySee } from '#lib/domain/actor.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { HoldView } from '#lib/domain/keeping-views.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { placeHold, releaseHold } from '#lib/operations/hold/request.ts'
import { confirm } from '../ask.ts'
import { findBackup } from '../find.ts'
import { print, table } from '../output.ts'
import { type Session, withSession } from '../session.ts'

export function addHold(program: Command): void {
  const hold = program.command('hold').description('what keeps a backup, whatever the rules say: add, release, list')
  hold
    .command('add')
    .description('keep every copy of a backup until the hold is released; it is also written beside each copy')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .requiredOption('--reason <text>', 'why')
    .addOption(new Option('--kind <kind>').choices(['legal', 'manual']).default('manual'))
    .option('--database <name>', 'of this database')
    .action(async (which: string, options: { reason: string; kind: 'legal' | 'manual'; database?: string }) => {
      const placed = await withSession(async (session) => {
        const { id: backupId } = await findBackup(session, which, options.database, 'verify')
        return placeHold(session.catalog, session.actor, { backupId, kind: options.kind, reason: options.reason, via: 'cli' })
      })
      print(
        { hold: placed },
        () => `${placed.backup.name} is held. Workers write it beside each copy.\nRelease it: lifeboat hold release ${placed.id}`,
      )
    })
  hold
    .command('release')
    .description('let the rules decide on the backup again, where nothing else holds it')
    .argument('<id>', 'of the hold')
    .requiredOption('--reason <text>', 'why')
    .option('--yes', 'do not ask')
    .action(async (holdId: string, options: { reason: string; yes?: boolean }) => {
      await confirm('Release this hold? Where nothing else holds the backup, the next prune may delete it.', options.yes ?? false)
      const released = await withSession((session) => releaseHold(session.catalog, session.actor, { holdId, reason: options.reason, via: 'cli' }))
      print({ hold: released }, () => `The hold on ${released.backup.name} is released`)
    })
  hold
    .command('list')
    .description('what is held now; with a backup also the holds on it that were released')
    .argument('[backup]', 'an id, a name, latest, or latest:<tier>')
    .option('--database <name>', 'of this database')
    .action(async (which: string | undefined, options: { database?: string }) => {
      const holds = await withSession((session) => (which === undefined ? openHolds(session) : holdsOn(session, which, options.database)))
      print({ holds }, () =>
        holds.length === 0
          ? 'Nothing is held'
          : table(
              ['ID', 'BACKUP', 'KIND', 'PLACED', 'BY', 'REASON', 'RELEASED'],
              holds.map((one) => [
                one.id,
                one.backup.name,
                one.kind,
                formatUtc(new Date(one.placedAt)),
                one.placedName,
                one.reason,
                one.releasedAt === null ? '' : `${formatUtc(new Date(one.releasedAt))} by ${one.releasedName ?? 'unknown'}`,
              ]),
            ),
      )
    })
}

async function openHolds(session: Session): Promise<HoldView[]> {
  const rows = await listOpenHolds(session.catalog)
  return rows
    .filter((row) => maySee(session.actor, row.database_id))
    .map((row) => viewOfHold(row, { id: row.backup_id, name: row.backup, database: { id: row.database_id, name: row.database } }))
}

async function holdsOn(session: Session, which: string, database: string | undefined): Promise<HoldView[]> {
  const { id, name, database_id: databaseId } = await findBackup(session, which, database, 'verify')
  const of = await getDatabase(session.catalog, databaseId)
  return holdsOf(session.catalog, { id, name, database: { id: databaseId, name: of?.name ?? '' } })
}
