import type { Command } from 'commander'
import type { LockChange } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { env } from '#lib/env.ts'
import { readSecretFile } from './ask.ts'

export interface BucketCredentials {
  accessKeyId: string
  secretAccessKey: string
  deleteAccessKeyId?: string
  deleteSecretAccessKey?: string
}

export interface CredentialOptions {
  accessKeyId?: string
  secretKeyFile?: string
  deleteAccessKeyId?: string
  deleteSecretKeyFile?: string
}

export function deleteKeyOptions(command: Command): Command {
  return command
    .option('--delete-access-key-id <id>', 'for deleting alone, where the other key may not delete')
    .option('--delete-secret-key-file <file>', 'its secret')
}

/** Both pairs are kept together: whoever gives new ones gives all of them. */
export function credentialsOf(options: CredentialOptions): BucketCredentials {
  const secretAccessKey = options.secretKeyFile === undefined ? env().AWS_SECRET_ACCESS_KEY : readSecretFile(options.secretKeyFile)
  const accessKeyId = options.accessKeyId ?? env().AWS_ACCESS_KEY_ID
  const { deleteAccessKeyId, deleteSecretKeyFile } = options
  if ((deleteAccessKeyId === undefined) !== (deleteSecretKeyFile === undefined)) {
    throw new LifeboatError('usage', 'The key for deleting is half there.', 'Give --delete-access-key-id and --delete-secret-key-file together.')
  }
  if (!accessKeyId || !secretAccessKey) {
    throw new LifeboatError(
      'usage',
      'The credentials of the bucket are missing.',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --access-key-id and --secret-key-file.',
    )
  }
  if (deleteAccessKeyId === undefined || deleteSecretKeyFile === undefined) return { accessKeyId, secretAccessKey }
  return { accessKeyId, secretAccessKey, deleteAccessKeyId, deleteSecretAccessKey: readSecretFile(deleteSecretKeyFile) }
}

export interface LockOptions {
  lock?: string
  lockDays?: string
}

export function lockOptions(command: Command): Command {
  return command
    .option('--lock <mode>', 'governance or compliance: set on each object stored from now on, where the bucket has Object Lock; none: no longer')
    .option('--lock-days <number>', 'for how long')
}

/** Empty: nothing was said. */
export function lockChangeOf({ lock, lockDays }: LockOptions): LockChange {
  if (lock === undefined && lockDays === undefined) return {}
  if (lock === 'none' && lockDays === undefined) return { lockMode: null }
  const days = Number(lockDays)
  const lockMode = lock === 'governance' ? 'GOVERNANCE' : lock === 'compliance' ? 'COMPLIANCE' : null
  if (lockMode === null || !Number.isInteger(days) || days < 1 || days > 3650) {
    throw new LifeboatError('usage', 'Which lock, and for how many days?', '--lock governance --lock-days 30, or --lock none. At most 3650 days.')
  }
  return { lockMode, lockDays: days }
}
