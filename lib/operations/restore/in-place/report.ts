import type { Finding } from '#lib/domain/plan.ts'
import { nameOfEntry } from '#lib/engine/postgres/in-place-entries.ts'
import type { RunResult } from '../../run-context.ts'
import type { FullRestore } from '../definition.ts'
import type { PlannedRestore } from '../make-plan.ts'
import { type Compared, report } from '../report.ts'
import type { VerifiedSafety } from '../require-safety.ts'
import type { InPlaceResult } from './outcome.ts'
import type { PreparedInPlace } from './plan.ts'

const listedAtMost = 50

/** As every restore reports, with what was left out in the ledger, and the safety backup by name wherever something differs. */
export function reportInPlace(options: {
  input: FullRestore
  planned: PlannedRestore
  prepared: PreparedInPlace
  compared: Compared
  safety: VerifiedSafety
}): RunResult {
  const { input, planned, compared, safety } = options
  const { leftOut, goes } = options.prepared.choice
  const said = report(input, planned, { ...compared, losses: [...leftOut, ...compared.losses] })
  const unexpected = new Set(compared.losses.map((one) => `${one.object}: ${one.cause}`))
  const asPlanned = 'It was left as it is, as the confirmed plan said.'
  const findings = said.findings.map((finding): Finding => {
    if (finding.code !== 'loss' || finding.message.startsWith('owners and privileges')) return finding
    return {
      ...finding,
      remedy: unexpected.has(finding.message)
        ? `The safety backup ${safety.name} holds the database as it was before: restore from it, or restore again from another copy.`
        : asPlanned,
    }
  })
  if (goes.length > 0) {
    const names = goes.slice(0, listedAtMost).map(nameOfEntry)
    findings.push({
      severity: 'warning',
      code: 'gone_along',
      message: `Not in the backup, and gone with the tables that they belonged to: ${names.join(', ')}${goes.length > names.length ? ` and ${goes.length - names.length} more` : ''}.`,
      remedy: `The safety backup ${safety.name} holds them. Make them again where you want them.`,
      overridable: false,
    })
  }
  findings.push({
    severity: 'info',
    code: 'between',
    message: `What was written to ${input.targetDbname} after ${safety.takenAt.toISOString()}, the moment of the safety backup ${safety.name}, and before the restore is in neither.`,
    remedy: '',
    overridable: false,
  })
  const restore: InPlaceResult = { ...said.result.restore, safetyBackupId: safety.backupId }
  return { result: { ...said.result, restore }, findings }
}
