import type { Command } from 'commander'
import { listOperations, readOperation } from '#lib/catalog/views/operations.ts'
import { decideApproval } from '#lib/operations/approve.ts'
import { requestCancel } from '#lib/operations/cancel.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { plain, print, table } from '../output.ts'
import { withSession } from '../session.ts'

export function addOperations(program: Command): void {
  const operations = program.command('operations').description('what was done, is being done and waits')
  operations
    .command('list')
    .description('newest first')
    .option('--limit <n>', 'how many', '50')
    .action(async (options: { limit: string }) => {
      const limit = Number(options.limit)
      if (!Number.isInteger(limit) || limit < 1 || limit > 200)
        throw new LifeboatError('usage', `--limit ${options.limit} is not a number from 1 to 200.`)
      const page = await withSession((session) => listOperations(session.catalog, session.actor, { limit }))
      const rows = page.rows.map((one) => [one.createdAt.slice(0, 19).replace('T', ' '), one.state, one.title, one.requestedName, one.id])
      print({ operations: page.rows }, () => table(['TIME (UTC)', 'STATE', 'WHAT', 'WHO', 'ID'], rows))
    })
  operations
    .command('show')
    .description('one operation with its log')
    .argument('<id>')
    .action(async (id: string) => {
      const one = await withSession((session) => readOperation(session.catalog, session.actor, id))
      print({ operation: one }, () =>
        [
          `${one.title}: ${one.state}`,
          ...(one.error === null ? [] : [plain(one.error.message), plain(one.error.hint)]),
          ...one.findings.map((finding) => `${finding.severity}: ${plain(finding.message)} ${plain(finding.remedy)}`),
          ...one.events.map((event) => `${event.at.slice(11, 19)}  ${plain(event.message)}`),
        ].join('\n'),
      )
    })
  for (const [name, approval, says] of [
    ['approve', 'given', 'a second person’s yes to a restore that waits for it'],
    ['refuse', 'refused', 'a second person’s no: the restore is cancelled'],
  ] as const) {
    operations
      .command(name)
      .description(says)
      .argument('<id>')
      .action(async (id: string) => {
        const decided = await withSession((session) => decideApproval(session.catalog, session.actor, id, approval))
        print({ operation: decided }, () => `${id}: approval ${approval}`)
      })
  }
  operations
    .command('cancel')
    .description('ask for its end; running work is put away cleanly')
    .argument('<id>')
    .action(async (id: string) => {
      const { state } = await withSession((session) => requestCancel(session.catalog, session.actor, id))
      print({ operation: { id, state } }, () => `${id}: ${state}`)
    })
}
