import type { Finding } from '#lib/domain/plan.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { OldFile } from '#lib/engine/import/old-file.ts'
import type { LedgerEntry } from '#lib/engine/import/survey.ts'
import type { Confinement } from '#lib/engine/process/confinement.ts'
import type { LookedFile } from './look-at-file.ts'

const from = { header: 'its header', name: 'its name, read as UTC', file_time: 'the time at which it was last written' }

/** What is to be known of a file before it is imported. */
export function importFindings(file: OldFile, looked: LookedFile, options: { how: Confinement; serverMajor: number }): Finding[] {
  const { survey, takenAt } = looked
  const of = looked.serverVersion === null ? '' : ` of PostgreSQL ${looked.serverVersion}`
  const cipher = file.cipher === null ? '' : `, encrypted by openssl enc ${file.cipher}`
  return [
    info('file', `A ${file.format}${of}${cipher}: ${formatBytes(survey.bytes)} of text, ${formatCount(survey.statements, 'statement')}.`),
    info('taken_at', `Its recovery point is ${takenAt.at.toISOString()}, by ${from[takenAt.from]}.`),
    ...endFindings(looked),
    ...majorFindings(looked, options.serverMajor),
    ...refusedFindings(survey.refused, survey.refusedCount),
    ...options.how.without.map(
      (without): Finding => ({
        severity: 'warning',
        code: 'less_isolated',
        message: `The private server would run without ${without} on this machine.`,
        remedy: 'Import only files that you trust here, or run this as root on Linux.',
        overridable: false,
      }),
    ),
  ]
}

function endFindings({ survey, checked }: LookedFile): Finding[] {
  if (!survey.marks.byPgDump) {
    return [
      {
        severity: 'blocker',
        code: 'end_unknown',
        message: 'The file does not begin as pg_dump’s do, so it has no line that says where it ends: nobody can tell whether it is whole.',
        remedy: 'Compare its last lines with what you expect there; --force imports it.',
        overridable: true,
      },
    ]
  }
  if (checked) return []
  return [info('no_checksum', 'The file has its end, and nothing in it that would tell a changed byte: it was neither compressed nor signed.')]
}

function majorFindings(looked: LookedFile, serverMajor: number): Finding[] {
  const major = Number.parseInt(looked.serverVersion ?? '0', 10)
  if (major <= serverMajor) return []
  return [
    {
      severity: 'blocker',
      code: 'server_too_new',
      message: `The file is of PostgreSQL ${major}, and the newest server on this machine is ${serverMajor}: what that does not know would be left out.`,
      remedy: `Install postgresql-${major}; --force imports what ${serverMajor} understands.`,
      overridable: true,
    },
  ]
}

/** The ledger as one finding; its first entries by name, all of them in the result. */
export function refusedFindings(refused: readonly LedgerEntry[], count: number): Finding[] {
  const mattering = refused.filter((one) => one.matters)
  if (mattering.length === 0) return []
  const shown = mattering.slice(0, 10).map((one) => `line ${one.line}: ${one.statement} (${one.reason})`)
  return [
    {
      severity: 'warning',
      code: 'not_carried_out',
      message: `${formatCount(mattering.length, 'statement')} of the file ${mattering.length === 1 ? 'is' : 'are'} not carried out: ${shown.join('; ')}${mattering.length > shown.length || count > refused.length ? ' …' : ''}`,
      remedy: 'What they would have made is not in the backup. Look whether you need it.',
      overridable: false,
    },
  ]
}

function info(code: string, message: string): Finding {
  return { severity: 'info', code, message, remedy: '', overridable: false }
}
