import { type Command, Argument } from 'commander'
import { lookVerdicts, type LookVerdict } from '#lib/domain/states.ts'
import { lookAtBackup } from '#lib/operations/look.ts'
import { findBackup } from '../find.ts'
import { print } from '../output.ts'
import { withSession } from '../session.ts'

export function addLook(program: Command): void {
  program
    .command('look')
    .description('say of a suspicious backup that it is fine, and counts, or that it is bad')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .addArgument(new Argument('<verdict>').choices(lookVerdicts))
    .option('--database <name>', 'of this database')
    .option('--note <text>', 'what was found')
    .action(async (which: string, verdict: LookVerdict, options: { database?: string; note?: string }) => {
      const looked = await withSession(async (session) => {
        const backup = await findBackup(session, which, options.database, 'verify')
        await lookAtBackup(session.catalog, session.actor, { backupId: backup.id, verdict, note: options.note ?? null })
        return { id: backup.id, name: backup.name, verdict }
      })
      print({ look: looked }, () =>
        verdict === 'fine' ? `${looked.name} counts now, and the next backup is measured against it` : `${looked.name} does not count`,
      )
    })
}
