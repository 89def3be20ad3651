import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { LifeboatError } from '#lib/domain/errors.ts'
import { assertLiteralAllowed, checkedLookup } from '#lib/egress/checked-lookup.ts'
import type { Wrapping } from './key-object.ts'

/** A key of AWS KMS that opens backups beside the master key. Credentials are the machine's own (environment, profile, instance). */
export interface KmsSettings {
  /** 16 hex digits, as other keys have them: of the SHA-256 of the ARN */
  keyId: string
  keyArn: string
  region: string
  /** null: that of the region */
  endpoint: string | null
}

type KmsWrapping = Extract<Wrapping, { by: 'kms' }>

/** A backup key sealed by KMS, bound to its backup and to the signing key of its manifest. Throws `unavailable`, `wrong_key` (KMS refuses) and `refused` (its address is never connected to). */
export async function sealByKms(
  settings: KmsSettings,
  backupKey: Buffer,
  options: { backupId: string; signer: string; signal: AbortSignal },
): Promise<KmsWrapping> {
  const { keyArn, keyId } = settings
  const { backupId, signer } = options
  const command = new EncryptCommand({ KeyId: keyArn, Plaintext: backupKey, EncryptionContext: contextOf(backupId, signer) })
  const { CiphertextBlob } = await ask(settings, options.signal, (client, how) => client.send(command, how))
  if (CiphertextBlob === undefined) throw new LifeboatError('unavailable', 'AWS KMS gave no answer that can be used.')
  return { by: 'kms', keyId, keyArn, signer, sealed: Buffer.from(CiphertextBlob).toString('base64') }
}

/** Throws `wrong_key` (KMS refuses, or it was changed), `unavailable` and `refused` (its address is never connected to). */
export async function openByKms(settings: KmsSettings, wrapped: KmsWrapping, options: { backupId: string; signal: AbortSignal }): Promise<Buffer> {
  const command = new DecryptCommand({
    // never the name that stands in the object: what lies on a storage does not choose a key
    KeyId: settings.keyArn,
    CiphertextBlob: Buffer.from(wrapped.sealed, 'base64'),
    EncryptionContext: contextOf(options.backupId, wrapped.signer),
  })
  const { Plaintext } = await ask(settings, options.signal, (client, how) => client.send(command, how))
  if (Plaintext?.length !== 32) throw new LifeboatError('corrupt', 'AWS KMS opened the key object, and it holds no key of 32 bytes.')
  return Buffer.from(Plaintext)
}

function contextOf(backupId: string, signer: string): Record<string, string> {
  return { format: 'lifeboat/1 key', backupId, signer }
}

async function ask<T>(
  settings: KmsSettings,
  signal: AbortSignal,
  send: (client: KMSClient, how: { abortSignal: AbortSignal; requestTimeout: number }) => Promise<T>,
): Promise<T> {
  const { region, endpoint } = settings
  if (endpoint !== null) assertLiteralAllowed(new URL(endpoint).hostname)
  const client = new KMSClient({
    region,
    maxAttempts: 2,
    ...(endpoint === null ? {} : { endpoint }),
    requestHandler: { httpAgent: { lookup: checkedLookup }, httpsAgent: { lookup: checkedLookup } },
  })
  try {
    return await send(client, { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]), requestTimeout: 10_000 })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof LifeboatError) throw error
    const name = error instanceof Error ? error.name : ''
    const refused = ['AccessDeniedException', 'InvalidCiphertextException', 'IncorrectKeyException', 'NotFoundException', 'DisabledException']
    if (refused.includes(name)) {
      const message = `AWS KMS refuses the key ${settings.keyArn} (${name}).`
      throw new LifeboatError('wrong_key', message, 'Look at the key and at the permissions of this machine in AWS.', { cause: error })
    }
    const message = `AWS KMS in ${region} could not be asked${name === '' ? '' : ` (${name})`}.`
    throw new LifeboatError('unavailable', message, 'Look at its address and at the AWS credentials of this machine.', { cause: error })
  } finally {
    client.destroy()
  }
}
