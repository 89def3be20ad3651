import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { Command } from 'commander'
import { findStorageByName, removeStorage } from '#lib/catalog/storages.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { confirm } from '../ask.ts'
import type { NewStorage } from '../add-storage.ts'
import type { StorageChange } from '../change-storage.ts'
import { findStorage } from '../find.ts'
import { printFinished } from '../finish.ts'
import { errorOf, untilFinished } from '../follow.ts'
import { print, printError, size, table, talk } from '../output.ts'
import { type CredentialOptions, credentialsOf, deleteKeyOptions, type LockOptions, lockChangeOf, lockOptions } from '../bucket-options.ts'
import { type PlaceOptions, placeOf, placeOptions, tellMisplaced } from '../place-options.ts'
import { type Session, withSession } from '../session.ts'
import { addStorageLooks } from './storage-looks.ts'

interface AddOptions extends PlaceOptions, CredentialOptions {
  path?: string
  s3?: string
  endpoint?: string
  region: string
  prefix: string
  pathStyle?: boolean
  checksumWhenRequired?: boolean
}

interface ChangeOptions extends PlaceOptions, CredentialOptions, LockOptions {
  name?: string
  yes?: boolean
  budgetGb?: string
  credentials?: boolean
}

export function addStorage(program: Command): void {
  const storage = program.command('storage').description('the places that keep backups')
  deleteKeyOptions(placeOptions(storage.command('add')))
    .description('add a directory or an S3 bucket; its marker is written, or read where it was a storage before')
    .argument('<name>')
    .option('--path <dir>', 'a local directory')
    .option('--s3 <bucket>', 'an S3 bucket')
    .option('--endpoint <url>', "the S3 server, where it is not AWS's")
    .option('--region <region>', 'the S3 region', 'us-east-1')
    .option('--prefix <prefix>', 'inside the bucket', '')
    .option('--path-style', 'for servers that know buckets by path')
    .option('--checksum-when-required', 'for servers that refuse checksum headers')
    .option('--access-key-id <id>', 'by default AWS_ACCESS_KEY_ID')
    .option('--secret-key-file <file>', 'by default AWS_SECRET_ACCESS_KEY')
    .action(async (name: string, options: AddOptions) => {
      const wanted = wantedOf(options)
      const place = placeOf(options)
      process.exitCode = await withSession(async (session) => {
        if ((await findStorageByName(session.catalog, name)) !== null)
          throw new LifeboatError('conflict', `There is a storage "${name}" already.`, 'Choose another name.')
        const { registerStorage } = await import('../add-storage.ts')
        const { id, problem, known } = await registerStorage(session, name, { ...wanted, place }, randomUUID())
        if (problem !== null) return printError(problem)
        const storage = { id, name, kind: wanted.kind, known }
        if (known) return await findBackups(session, storage)
        print({ storage }, () => `${name} is a storage now.`)
        return 0
      })
    })
  storage
    .command('list')
    .description('registered storages')
    .action(async () => {
      const storages = await withSession((session) => listStorages(session.catalog, session.actor))
      const rows = storages.map((one) => [
        one.name,
        one.place,
        one.reachable === null ? 'unknown' : one.reachable ? 'yes' : 'no',
        size(one.usedBytes),
        size(one.freeBytes),
        String(one.copies),
        one.id,
      ])
      print({ storages }, () => table(['NAME', 'PLACE', 'REACHABLE', 'USED', 'FREE', 'COPIES', 'ID'], rows))
    })
  lockOptions(deleteKeyOptions(placeOptions(storage.command('change'))))
    .description('another name, budget or region, or new credentials, which are tried at once; the place itself does not change')
    .argument('<name>')
    .option('--name <name>', 'the new name')
    .option('--budget-gb <number>', 'what its use is measured against; 0: none')
    .option('--credentials', 'new ones, from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY unless the next two say otherwise')
    .option('--access-key-id <id>', 'new credentials: by default AWS_ACCESS_KEY_ID')
    .option('--secret-key-file <file>', 'new credentials: by default AWS_SECRET_ACCESS_KEY')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: ChangeOptions) => {
      const change = changeOf(options)
      if (change.lock.lockMode === 'COMPLIANCE')
        await confirm('Nobody, not even the owner of the bucket, can delete what is stored from now on before its day. Go on?', options.yes ?? false)
      process.exitCode = await withSession(async (session) => {
        const found = await findStorage(session, name)
        const { changeRegistered } = await import('../change-storage.ts')
        const problem = await changeRegistered(session, found, change)
        if (problem !== null) return printError(problem)
        const findings = change.place.region === undefined ? [] : await tellMisplaced(session, { storageId: found.id })
        print({ storage: { id: found.id, name: change.name ?? found.name }, findings }, () => `${found.name} was changed.`)
        return 0
      })
    })
  addStorageLooks(storage)
  storage
    .command('remove')
    .description('take a storage off the list; what lies there stays')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      await withSession(async (session) => {
        const found = await findStorage(session, name)
        await confirm(`Take ${found.name} off the list? What lies there stays.`, options.yes === true)
        await session.catalog.transaction().execute(async (trx) => {
          await removeStorage(trx, found.id)
          await appendAudit(trx, auditKey(), {
            ...auditActor(session.actor),
            action: 'storage.remove',
            subjectKind: 'storage',
            subjectId: found.id,
            outcome: 'done',
            detail: { name: found.name },
          })
        })
        print({ storage: { id: found.id, name: found.name, removed: true } }, () => `${found.name} is off the list. What lies there stays.`)
      })
    })
}

/** A place that was a storage before: what lies there and opens with this key goes into the catalogue. */
async function findBackups(session: Session, storage: { id: string; name: string }): Promise<number> {
  const { requestReconcile } = await import('#lib/operations/reconcile/request.ts')
  const { id } = await requestReconcile(session.catalog, session.actor, { storageId: storage.id, adopt: true, via: 'cli' })
  const row = await untilFinished(session, id)
  if (errorOf(row) !== null) {
    talk(
      `${storage.name} is a storage now. It was one before; its backups were not looked at yet: lifeboat catalog rebuild --storage ${storage.name}`,
    )
  }
  const words = (result: Record<string, unknown>): string => {
    const seen = result.reconcile as { backups: number; adopted: unknown[]; refused: unknown[] }
    return `${storage.name} is a storage now. It was one before: ${seen.backups} backups lie there, ${seen.adopted.length} of them were put into the catalogue, ${seen.refused.length} refused.`
  }
  return printFinished(row, words, { storage })
}

function wantedOf(options: AddOptions): NewStorage {
  if ((options.path === undefined) === (options.s3 === undefined))
    throw new LifeboatError('usage', 'Where is the storage?', '--path DIR, or --s3 BUCKET')
  if (options.path !== undefined) return { kind: 'local', config: { path: path.resolve(options.path) }, credentials: null }
  return {
    kind: 's3',
    config: {
      bucket: options.s3 ?? '',
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      region: options.region,
      prefix: options.prefix.replaceAll(/^\/+|\/+$/g, ''),
      pathStyle: options.pathStyle ?? false,
      checksumWhenRequired: options.checksumWhenRequired ?? false,
    },
    credentials: credentialsOf(options),
  }
}

function changeOf(options: ChangeOptions): StorageChange {
  const budget = options.budgetGb === undefined ? undefined : Number(options.budgetGb)
  if (budget !== undefined && !(budget >= 0 && Number.isFinite(budget))) {
    throw new LifeboatError('usage', `"${options.budgetGb}" is not a number of GB.`, '--budget-gb 500, or 0 for none')
  }
  const renews =
    options.credentials === true ||
    options.accessKeyId !== undefined ||
    options.secretKeyFile !== undefined ||
    options.deleteAccessKeyId !== undefined
  const place = placeOf(options)
  const lock = lockChangeOf(options)
  if (options.name === undefined && budget === undefined && !renews && Object.keys({ ...place, ...lock }).length === 0) {
    throw new LifeboatError(
      'usage',
      'What is to change?',
      '--name, --budget-gb, --lies-in, --agreement, --offline, --online, --lock or --credentials',
    )
  }
  return {
    place,
    lock,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(budget === undefined ? {} : { budgetBytes: budget === 0 ? null : Math.round(budget * 1e9) }),
    ...(renews ? { credentials: credentialsOf(options) } : {}),
  }
}
