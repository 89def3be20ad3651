import type { Command } from 'commander'
import { kmsSetting, setKmsSettings } from '#lib/catalog/kms.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { publicKeyId } from '#lib/engine/seal/keys.ts'
import { keysInForce } from '#lib/engine/seal/key-ring.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestRewrap } from '#lib/operations/rewrap/request.ts'
import { retireKey } from '#lib/operations/retire-key.ts'
import { confirm } from '../ask.ts'
import { findStorage } from '../find.ts'
import { exitCodeOf, operationJson, untilFinished } from '../follow.ts'
import { plain, print, table, talk } from '../output.ts'
import { withSession } from '../session.ts'

export function addKey(program: Command): void {
  const key = program.command('key').description('the keys')
  key.command('show').description('which keys this machine has; never the secret itself').action(show)
  key.command('list').description('every key in use or needed, who holds it and what depends on it').action(list)
  key
    .command('rotate')
    .description('make a new master key on this machine; the old one is kept and goes on opening')
    .option('--yes', 'do not ask')
    .action(async (options: { yes?: boolean }) => {
      const { rotateHere } = await import('../rotate-key.ts')
      process.exitCode = await withSession((session) => rotateHere(session, options.yes ?? false))
    })
  key
    .command('rewrap')
    .description('seal the keys of all backups anew, by the newest keys; data is never touched')
    .option('--storage <name>', 'only on this storage')
    .option('--forget-old', 'then remove the older key objects, where nothing forbids it')
    .option('--dry-run', 'only say how many')
    .option('--yes', 'do not ask')
    .action(rewrap)
  key
    .command('retire')
    .description('give an older master key up, when nothing needs it any more')
    .argument('<id>')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: { yes?: boolean }) => {
      await confirm(`Give the master key ${id} up?`, options.yes ?? false)
      await withSession((session) => retireKey(session.catalog, session.actor, id))
      print(
        { key: { retired: id } },
        () => `${id} is retired. Its file may be taken out of keys/older and destroyed, here and on every other machine.`,
      )
    })
  key
    .command('kms')
    .description('let a key of AWS KMS open backups beside the master key, or no longer')
    .option('--arn <arn>', 'of the key')
    .option('--region <region>')
    .option('--endpoint <url>', "where it is not AWS's own")
    .option('--off', 'use none')
    .action(kms)
}

async function show(): Promise<void> {
  const { masterKeyFile, openKeys } = await import('../../master-keys.ts')
  const shown = await withSession(async (session) => {
    const keys = await openKeys(session.catalog)
    if (keys === null) {
      throw new LifeboatError(
        'key_missing',
        'The master key cannot be read on this machine.',
        `Put it into ${masterKeyFile()} (mode 0400), or set LIFEBOAT_KEY.`,
      )
    }
    const recovery = await readRecoveryKey(session.catalog, session.actor)
    return {
      keyId: keys.keyId,
      older: keysInForce(keys)
        .slice(1)
        .map((one) => one.keyId),
      file: session.env.LIFEBOAT_KEY === undefined ? masterKeyFile() : null,
      signing: { id: publicKeyId(keys.signing.publicKeyPem), publicKey: keys.signing.publicKeyPem },
      recovery,
    }
  })
  print({ key: shown }, () =>
    [
      `Master key    ${shown.keyId}  (${shown.file ?? 'from LIFEBOAT_KEY'})`,
      ...shown.older.map((id) => `Older key     ${id}`),
      `Signing key   ${shown.signing.id}`,
      `Recovery key  ${shown.recovery.state === 'none' ? 'none yet: make one in the console' : `${shown.recovery.keyId}, ${shown.recovery.state === 'confirmed' ? 'confirmed saved' : 'not confirmed'}`}`,
      shown.signing.publicKey.trim(),
    ].join('\n'),
  )
}

async function list(): Promise<void> {
  const view = await withSession((session) => readKeys(session.catalog, session.actor))
  print({ ...view }, () => {
    const rows = view.keys.map((one) => [one.id, one.lost ? `${one.purpose}, lost` : one.purpose, one.heldBy.join(', ') || '-', plain(one.words)])
    const left = view.toRewrap === 0 ? [] : ['', `${view.toRewrap} copies do not open with every key in use yet: lifeboat key rewrap`]
    return [table(['KEY', 'PURPOSE', 'HELD BY', 'WHAT IT IS FOR'], rows), ...left].join('\n')
  })
}

async function rewrap(options: { storage?: string; forgetOld?: boolean; dryRun?: boolean; yes?: boolean }): Promise<void> {
  if (options.forgetOld && !options.dryRun)
    await confirm('Remove the older key objects? Whoever has only an older key or an older recovery sheet opens nothing then.', options.yes ?? false)
  process.exitCode = await withSession(async (session) => {
    const storage = options.storage === undefined ? null : await findStorage(session, options.storage)
    const requested = await requestRewrap(session.catalog, session.actor, {
      ...(storage === null ? {} : { storageId: storage.id }),
      forgetOld: options.forgetOld ?? false,
      dryRun: options.dryRun ?? false,
      via: 'cli',
    })
    for (const one of requested.skipped) talk(`${one.storage}: ${plain(one.reason)}`)
    const ended: OperationRow[] = []
    for (const one of requested.operations) ended.push(await untilFinished(session, one.id))
    print({ operations: ended.map((row) => ({ operation: operationJson(row), ...row.result })), skipped: requested.skipped }, () =>
      ended.map((row) => `${row.title}: ${row.state}${row.error === null ? '' : `. ${plain(row.error.message)}`}`).join('\n'),
    )
    for (const row of ended) for (const one of row.findings) talk(`${one.severity}: ${plain(one.message)} ${plain(one.remedy)}`.trim())
    return ended.reduce((worst, row) => Math.max(worst, exitCodeOf(row)), 0)
  })
}

async function kms(options: { arn?: string; region?: string; endpoint?: string; off?: boolean }): Promise<void> {
  const wanted = options.off
    ? null
    : kmsSetting.safeParse({ keyArn: options.arn, region: options.region ?? options.arn?.split(':')[3], endpoint: options.endpoint ?? null })
  if (wanted?.success === false) throw new LifeboatError('usage', 'Give --arn with the ARN of a KMS key, or --off.', 'Nothing was changed.')
  const setting = wanted?.data ?? null
  await withSession((session) =>
    session.catalog.transaction().execute(async (trx) => {
      await setKmsSettings(trx, setting)
      await appendAudit(trx, auditKey(), {
        ...auditActor(session.actor),
        action: 'settings.change',
        subjectKind: 'setting',
        subjectId: 'kms',
        outcome: 'done',
        detail: { keyArn: setting?.keyArn ?? null },
      })
    }),
  )
  print({ kms: setting }, () =>
    setting === null ? 'No key of AWS KMS is used for new backups.' : 'New backups open with it too. For those that exist: lifeboat key rewrap',
  )
}
