import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { latestBackup } from '#lib/catalog/backups.ts'
import { type DatabaseRow, getDatabase } from '#lib/catalog/databases.ts'
import { importsEnabled } from '#lib/catalog/imports.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { type Finding, isBlocked } from '#lib/domain/plan.ts'
import { archiveTool } from '#lib/engine/import/archive.ts'
import { type OldFile, openOldFile } from '#lib/engine/import/old-file.ts'
import { readPassphrase } from '#lib/engine/import/passphrase.ts'
import { findServers } from '#lib/engine/postgres/server-programs.ts'
import { confinement } from '#lib/engine/process/confinement.ts'
import { assertSomeoneLives } from '../run/backup/fan-out.ts'
import { closeTargets, openTargets } from '../run/backup/open-targets.ts'
import { keyFinding, storageFindings } from '../run/backup/storage-findings.ts'
import type { RunContext, RunResult } from '../run-context.ts'
import type { ImportInput } from './definition.ts'
import { importFindings } from './findings.ts'
import { lookAtFile } from './look-at-file.ts'
import { planImport } from './plan.ts'
import { sealImport } from './seal.ts'

/** What the process that does the work has besides its context. */
export interface ImportMachine {
  /** ENCRYPTION_KEY of the older scripts; null: unset */
  passphrase: string | null
  /** files that are named without a path lie here */
  directory: string
}

/** Opens a file of the older scripts, reads it to its end, carries it out on a private server and seals what came of it. */
export async function runImport(context: RunContext, input: ImportInput, machine: ImportMachine): Promise<RunResult> {
  const begun = Date.now()
  // also here: it may have been turned off since it was asked for
  if (!(await importsEnabled(context.catalog))) throw new LifeboatError('refused', 'Imports are off.', 'Nothing was read. An admin turns them on.')
  const database = await getDatabase(context.catalog, input.databaseId)
  if (database === null) throw new LifeboatError('not_found', 'This database is not registered any more.', 'Add it again, then repeat.')
  archiveTool(context.tools)
  const file = await openFile(input, machine)
  const targets = await openTargets(context, input.storageIds, { database, estimate: null })
  try {
    const how = await confinement()
    const looked = await lookAtFile(context, file, how)
    const serverMajor = Math.max(0, ...(await findServers()).map((one) => one.major))
    const findings = [...importFindings(file, looked, { how, serverMajor }), ...storageFindings(targets), ...keyFinding(context)]
    if (context.dryRun) return planImport({ input, file, looked, findings, targets, seconds: (Date.now() - begun) / 1000 })
    assertNotBlocked(findings, input.force)
    assertSomeoneLives(targets)
    const settings = await settingsOf(context, database)
    return await sealImport(context, { input, database, file, looked, how, targets, settings, findings })
  } finally {
    await closeTargets(targets)
    await file.close()
  }
}

async function openFile(input: ImportInput, machine: ImportMachine): Promise<OldFile> {
  const passphrase = input.keyFile === null ? machine.passphrase : await readPassphrase(input.keyFile)
  const key = passphrase === null ? null : Buffer.from(passphrase)
  if (input.place === 'machine') return await openOldFile(input.file, { passphrase: key })
  const file = await openOldFile(path.join(machine.directory, path.basename(input.file)), { passphrase: key })
  // a link would lead to any file that the worker may read
  if (path.dirname(file.path) === (await realpath(machine.directory))) return file
  await file.close()
  throw new LifeboatError('refused', `${input.file} is a link out of the directory for imports.`, 'Put the file itself there.')
}

function assertNotBlocked(findings: Finding[], force: boolean): void {
  if (!isBlocked(findings, force)) return
  const blocker = findings.find((one) => one.severity === 'blocker' && !(force && one.overridable))
  throw new LifeboatError('blocked', blocker?.message ?? 'The file cannot be imported.', blocker?.remedy ?? '', { detail: { findings } })
}

/** How the registered database sorts, as its newest backup says: a dump in text does not. */
async function settingsOf(context: RunContext, database: DatabaseRow): Promise<Partial<Manifest['settings']>> {
  const newest = await latestBackup(context.catalog, database.id)
  return (newest?.needs as { settings?: Partial<Manifest['settings']> } | undefined)?.settings ?? {}
}
