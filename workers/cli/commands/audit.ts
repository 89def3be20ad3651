import type { Command } from 'commander'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { auditHeadFile, readAuditHead } from '#lib/catalog/audit-head.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { errorCodes } from '#lib/domain/errors.ts'
import { print } from '../output.ts'
import { withSession } from '../session.ts'

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('the audit trail')
    .command('verify')
    .description('walk the whole chain and name the first row that was edited, removed or moved')
    .action(async () => {
      const verdict = await withSession((session) => verifyAudit(session.catalog, auditKey(), readAuditHead(auditHeadFile())))
      print({ audit: verdict }, () =>
        verdict.ok ? `The audit trail is whole: ${verdict.rows} rows.` : `Row ${verdict.badSeq}: ${verdict.problem}. The rows before it are whole.`,
      )
      process.exitCode = verdict.ok ? 0 : errorCodes.findings.exit
    })
}
