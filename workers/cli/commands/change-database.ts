import type { Command } from 'commander'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { updateDatabase } from '#lib/catalog/databases.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { findDatabase } from '../find.ts'
import { print } from '../output.ts'
import { type ResidenceOptions, residenceOf, residenceOptions, tellMisplaced } from '../place-options.ts'
import { withSession } from '../session.ts'

/** `database change`: what a database is tagged with, and where its copies may lie. */
export function addChangeDatabase(database: Command): void {
  residenceOptions(database.command('change').description('its tags, and the regions in which its copies may lie').argument('<name>')).action(
    async (name: string, options: ResidenceOptions) => {
      const { tags, allowedRegions } = residenceOf(options)
      if (tags === undefined && allowedRegions === undefined) throw new LifeboatError('usage', 'What is to change?', '--tag or --allowed-region')
      await withSession(async (session) => {
        const found = await findDatabase(session, name)
        await session.catalog.transaction().execute(async (trx) => {
          await updateDatabase(trx, found.id, {
            ...(tags === undefined ? {} : { tags }),
            ...(allowedRegions === undefined ? {} : { allowed_regions: allowedRegions }),
          })
          await appendAudit(trx, auditKey(), {
            ...auditActor(session.actor),
            action: 'database.change',
            subjectKind: 'database',
            subjectId: found.id,
            outcome: 'done',
            detail: { tags, allowedRegions },
          })
        })
        const findings = allowedRegions === undefined ? [] : await tellMisplaced(session, { databaseId: found.id })
        print({ database: { id: found.id, name: found.name, tags, allowedRegions }, findings }, () => `${found.name} was changed.`)
      })
    },
  )
}
