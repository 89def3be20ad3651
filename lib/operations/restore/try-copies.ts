import type { BackupRow } from '#lib/catalog/backups.ts'
import { asLifeboatError, type ErrorCode, errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { RunContext } from '../run-context.ts'
import { type ChosenCopy, chooseCopy, noCopy } from './choose-copy.ts'
import type { TargetHold } from './hold-target.ts'

/**
 * Tries copy after copy until `work` finds one whole: it throws `corrupt` or `missing` for one that is not, and must not have touched the
 * target then. What was found wrong with the others is a finding. Throws where none is left.
 */
export async function tryCopies<T>(
  hold: TargetHold,
  backup: BackupRow,
  work: (context: RunContext, copy: ChosenCopy, copyFindings: Finding[]) => Promise<T>,
): Promise<T> {
  const bad = new Set<string>()
  const copyFindings: Finding[] = []
  for (;;) {
    const context = hold.context()
    const { copy, findings } = await chooseCopy(context, backup, bad)
    copyFindings.push(...findings)
    if (copy === null) throw bad.size > 0 ? corruptEverywhere(copyFindings) : (firstProblem(copyFindings) ?? noCopy())
    try {
      return await work(context, copy, copyFindings)
    } catch (error) {
      const known = asLifeboatError(error)
      hold.context().signal.throwIfAborted()
      if (known.code !== 'corrupt' && known.code !== 'missing') throw error
      bad.add(copy.storageName)
      context.warn(known.message)
      copyFindings.push({
        severity: 'warning',
        code: `copy_${known.code}`,
        message: known.message,
        remedy: 'Another copy was used. Verify this one, then take a new backup.',
        overridable: false,
      })
    } finally {
      await copy.driver.close()
    }
  }
}

function firstProblem(findings: readonly Finding[]): LifeboatError | null {
  const first = findings[0]
  if (first === undefined) return null
  const codes = Object.keys(errorCodes) as ErrorCode[]
  const code = codes.find((one) => first.code === `copy_${one}`)
  return new LifeboatError(code ?? 'missing', first.message, `${first.remedy} The target was not touched.`)
}

function corruptEverywhere(findings: readonly Finding[]): LifeboatError {
  return new LifeboatError(
    'corrupt',
    findings.map((finding) => finding.message).join(' '),
    'The target was not touched. Choose another recovery point.',
  )
}
