import type { Command } from 'commander'
import { LifeboatError } from '#lib/domain/errors.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { changeDatabase } from '#lib/operations/change-database.ts'
import { confirm } from '../ask.ts'
import { findDatabase } from '../find.ts'
import { print } from '../output.ts'
import { type ResidenceOptions, residenceOf, residenceOptions, tellMisplaced } from '../place-options.ts'
import { withSession } from '../session.ts'

/** `database change`: what a database is tagged with, and where its copies may lie. A tag that goes may end a duty: that is asked about. */
export function addChangeDatabase(database: Command): void {
  residenceOptions(database.command('change').description('its tags, and the regions in which its copies may lie').argument('<name>'))
    .option('--yes', 'do not ask')
    .action(async (name: string, options: ResidenceOptions & { yes?: boolean }) => {
      const { tags, allowedRegions } = residenceOf(options)
      if (tags === undefined && allowedRegions === undefined) throw new LifeboatError('usage', 'What is to change?', '--tag or --allowed-region')
      await withSession(async (session) => {
        const found = await findDatabase(session, name)
        const lost = tags === undefined ? [] : found.tags.filter((tag) => !tags.includes(tag))
        if (lost.length > 0) {
          const question = `Take the tag ${lost.join(', ')} off ${found.name}? Duties of retention that know it by that end, when their delay is over.`
          await confirm(question, options.yes === true)
        }
        const { ending } = await changeDatabase(session.catalog, session.actor, found.id, {
          values: { ...(tags === undefined ? {} : { tags }), ...(allowedRegions === undefined ? {} : { allowed_regions: allowedRegions }) },
          fields: [...(tags === undefined ? [] : ['tags']), ...(allowedRegions === undefined ? [] : ['allowedRegions'])],
        })
        const findings = allowedRegions === undefined ? [] : await tellMisplaced(session, { databaseId: found.id })
        print({ database: { id: found.id, name: found.name, tags, allowedRegions, ending }, findings }, () =>
          [
            `${found.name} was changed.`,
            ...ending.map(({ tag, endsAt }) => `Duties for ${tag} keep its backups until ${formatUtc(endsAt)}; the tag, set again, takes that back.`),
          ].join(' '),
        )
      })
    })
}
