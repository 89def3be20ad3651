import { type Finding, type Plan, isBlocked, nothingOverwritten } from '#lib/domain/plan.ts'
import type { OldFile } from '#lib/engine/import/old-file.ts'
import type { RunResult } from '../run-context.ts'
import type { Target } from '../run/backup/fan-out.ts'
import type { ImportInput } from './definition.ts'
import type { LookedFile } from './look-at-file.ts'

/** The dry run of an import: the file was opened and read to its end, and nothing was carried out or written. */
export function planImport(options: {
  input: ImportInput
  file: OldFile
  looked: LookedFile
  findings: Finding[]
  targets: readonly Target[]
  seconds: number
}): RunResult {
  const { input, looked, findings, targets } = options
  const plan: Plan = {
    ...nothingOverwritten,
    blocked: isBlocked(findings, input.force),
    findings,
    steps: [
      'Start a private PostgreSQL server, apart from everything else',
      `Create ${looked.survey.roles.length} roles that the file names there, none of which can log in`,
      'Carry the file out there, statement by statement; what reaches beyond its database is refused',
      'Compare the rows of every table with those of the file',
      `Seal the result as a backup of ${input.databaseName} on ${targets.map((target) => target.storageName).join(' and ')}`,
      'Remove the private server with all that it wrote',
      'Verify each copy by reading every stored byte back',
    ],
    estimatedSeconds: null,
    estimateFrom: '',
    tables: looked.survey.tables.map((one) => ({
      schema: one.schema ?? '',
      table: one.table,
      rows: one.rows,
      rawBytes: one.bytes,
      action: 'import',
    })),
    bytesRead: options.file.bytes,
    seconds: options.seconds,
    target: null,
  }
  return { result: { plan }, findings }
}
