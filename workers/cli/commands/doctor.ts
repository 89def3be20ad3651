import { existsSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { auditKeyId, auditKeys } from '#lib/catalog/audit.ts'
import { auditKey, auditKeyFile } from '#lib/catalog/audit-key.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { asLifeboatError, errorCodes } from '#lib/domain/errors.ts'
import { missingGuards } from '#lib/engine/process/guards.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { keysInForce } from '#lib/engine/seal/key-ring.ts'
import { env } from '#lib/env.ts'
import { findTools, floorOf, packageFor } from '#lib/engine/postgres/tools.ts'
import { print } from '../output.ts'
import { type Session, withSession } from '../session.ts'

interface Check {
  name: string
  ok: boolean
  message: string
  remedy: string
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('whether this machine has what Lifeboat needs')
    .action(async () => {
      const catalogue = await catalogueChecks() // also makes the key on the very first start
      const checks = [nodeCheck(), ...(await toolChecks()), guardCheck(), await keyFileCheck(), ...catalogue]
      print({ ok: checks.every((one) => one.ok), checks }, () =>
        checks.map((one) => `${one.ok ? 'ok     ' : 'PROBLEM'}  ${one.name}: ${one.message}${one.ok ? '' : `\n         ${one.remedy}`}`).join('\n'),
      )
      process.exitCode = checks.every((one) => one.ok) ? 0 : errorCodes.findings.exit
    })
}

function nodeCheck(): Check {
  const major = Number(process.versions.node.split('.')[0])
  return { name: 'Node', ok: major >= 24, message: process.versions.node, remedy: 'Run npm start once: it brings Node 24.' }
}

async function toolChecks(): Promise<Check[]> {
  const tools = await findTools()
  if (tools.length === 0)
    return [{ name: 'Postgres tools', ok: false, message: 'pg_dump and pg_restore are not installed', remedy: `apt-get install ${packageFor(15)}` }]
  return tools.map((tool) => ({
    name: `${tool.tool} ${tool.major}`,
    ok: tool.ok,
    message: `${tool.version} (floor ${floorOf(tool.major) ?? 'none: unsupported'}), ${tool.path}`,
    remedy: `Below the floor a crafted archive runs code. Upgrade ${packageFor(tool.major)}.`,
  }))
}

/** Work goes on without them, with less between a tool gone wrong and the machine. */
function guardCheck(): Check {
  const missing = missingGuards()
  return {
    name: 'Client tools are confined',
    ok: missing.length === 0,
    message:
      missing.length === 0 ? 'they die with their worker and have limits' : missing.map((one) => `no ${one.program}: ${one.without}`).join('; '),
    remedy: 'apt-get install util-linux',
  }
}

async function keyFileCheck(): Promise<Check> {
  const { masterKeyFile } = await import('../../master-keys.ts')
  const file = masterKeyFile()
  if (env().LIFEBOAT_KEY !== undefined) return { name: 'Master key', ok: true, message: 'from LIFEBOAT_KEY', remedy: '' }
  if (!existsSync(file))
    return {
      name: 'Master key',
      ok: false,
      message: `${file} is not there`,
      remedy: 'npm start makes it on the very first start; otherwise put it back.',
    }
  const open = (statSync(file).mode & 0o077) !== 0
  return { name: 'Master key', ok: !open, message: open ? `${file} can be read by others` : file, remedy: `chmod 0400 ${file}` }
}

async function catalogueChecks(): Promise<Check[]> {
  try {
    return await withSession(async (session) => [
      { name: 'Catalogue', ok: true, message: 'answers, schema current', remedy: '' },
      await workerCheck(session),
      await auditKeyCheck(session),
      await backupKeysCheck(session),
      ...(await storageChecks(session)),
    ])
  } catch (error) {
    const { message, hint } = asLifeboatError(error)
    return [{ name: 'Catalogue', ok: false, message, remedy: hint }]
  }
}

/** A machine that was given no key made one of its own: its rows cannot be verified elsewhere, nor the others' here. */
async function auditKeyCheck(session: Session): Promise<Check> {
  const mine = auditKeyId(auditKey())
  const others = (await auditKeys(session.catalog)).filter((one) => one.keyId !== mine)
  return {
    name: 'Audit key',
    ok: others.length === 0,
    message:
      others.length === 0
        ? `${mine} sealed the whole trail`
        : `here it is ${mine}; ${others.map((one) => `${one.keyId} sealed rows from ${one.firstSeq} on`).join(', ')}`,
    remedy: `Give every machine the same key: LIFEBOAT_AUDIT_KEY, or ${auditKeyFile()} of the machine that began the trail.`,
  }
}

/** Backups whose key is on no machine that is alive are as good as lost, and nothing else would say so before they are needed. */
async function backupKeysCheck(session: Session): Promise<Check> {
  const { openKeys } = await import('../../master-keys.ts')
  const ring = await openKeys(session.catalog)
  const here = ring === null ? [] : keysInForce(ring).map((one) => one.keyId)
  const { keys } = await readKeys(session.catalog, session.actor)
  const masters = keys.filter((one) => one.purpose === 'active' || one.purpose === 'older')
  const away = masters.filter((one) => one.onlyOpener > 0 && one.heldBy.length === 0 && !here.includes(one.id))
  return {
    name: 'Keys of the backups',
    ok: away.length === 0,
    message:
      away.length === 0
        ? 'every one that is needed is at hand'
        : away.map((one) => `${one.id} is not here and with no live worker, and ${one.onlyOpener} copies open with nothing else`).join('; '),
    remedy: 'Put the key back: as lifeboat.key where it is the newest, else into keys/older (mode 0400). Or restore with the recovery key.',
  }
}

async function workerCheck(session: Session): Promise<Check> {
  const live = await listLiveWorkers(session.catalog)
  // commands do the work themselves then: worth knowing, and no fault
  return {
    name: 'Workers',
    ok: true,
    message: live.length === 0 ? 'none is alive; commands do the work themselves' : `${live.length} alive`,
    remedy: '',
  }
}

async function storageChecks(session: Session): Promise<Check[]> {
  const { lookAtMachine } = await import('../../machine.ts')
  const here = new Set((await lookAtMachine(session.catalog)).storageIds)
  const storages = await listStorages(session.catalog)
  return storages.map((one) => {
    const ok = one.kind === 'local' ? here.has(one.id) : one.reachable === true
    return {
      name: `Storage ${one.name}`,
      ok,
      message: ok ? 'reachable' : (one.problem ?? (one.kind === 'local' ? 'its marker cannot be read here' : 'nobody has looked at it yet')),
      remedy: 'Mount the disk, or look at the storage in the console.',
    }
  })
}
