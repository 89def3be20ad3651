import { kmsSettings } from '#lib/catalog/kms.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { backupIdOf, keyObjectMaximumBytes, openKeyObject } from '#lib/engine/seal/backup-key.ts'
import { parseKeyObject } from '#lib/engine/seal/key-object.ts'
import { keysInForce } from '#lib/engine/seal/key-ring.ts'
import { rawSigner, signerPem } from '#lib/engine/seal/keys.ts'
import { openByKms } from '#lib/engine/seal/kms.ts'
import type { RunContext } from '../run-context.ts'
import { requireKeys } from './connection-for.ts'
import type { CopyReader } from './pinned.ts'

/** A storage that answers for ever must not keep us for ever. */
const maximumRotations = 1000

export interface CopyKey {
  backupId: string
  backupKey: Buffer
  /** the key that opened it: a master key in force, or that of AWS KMS */
  keyId: string
  /** whose signature the manifest must bear: the opening master key's own, or the one that its key object vouches for */
  signer: string
  signerPem: string
  /** the SHA-256 that the stored manifest must have; null: the key object says nothing of it */
  vouched: string | null
  bytesRead: number
}

type Place = { path: string; backupId: string | null }

/** `key`, `key_2`, `key_3`, …: a rotation adds the next one, and there is no gap between them. */
export function keyObjectName(rotation: number): string {
  return rotation === 1 ? 'key' : `key_${rotation}`
}

/**
 * The backup key, from the first of the key objects that a master key in force on this machine opens; where none does, by AWS KMS,
 * if an object was sealed by it too. Throws `missing`, `corrupt`, `wrong_key`, `key_missing`.
 */
export async function openCopyKey(context: RunContext, driver: CopyReader, place: Place): Promise<CopyKey> {
  const keys = context.keys === null ? [] : keysInForce(context.keys)
  if (keys.length === 0 && (await kmsSettings(context.catalog)) === null) requireKeys(context)
  const refusedObjects: Buffer[] = []
  let bytesRead = 0
  let refused: unknown = null
  for (let rotation = 1; rotation <= maximumRotations; rotation++) {
    try {
      const name = `${place.path}/${keyObjectName(rotation)}`
      const object = await driver.getSmall(name, { signal: context.signal, maxBytes: keyObjectMaximumBytes })
      bytesRead += object.length
      refusedObjects.push(object)
      const backupId = place.backupId ?? backupIdOf(object)
      const { backupKey, by, vouches } = openKeyObject(object, { backupId, keys })
      const signer = vouches?.signer ?? rawSigner(by.signing.publicKeyPem)
      return { backupId, backupKey, keyId: by.keyId, signer, signerPem: signerPem(signer), vouched: vouches?.manifestSha256 ?? null, bytesRead }
    } catch (error) {
      const code = error instanceof LifeboatError ? error.code : null
      if (code === 'missing') {
        // the last object says which key it would have taken
        if (refused === null) throw error
        break
      }
      if (code !== 'wrong_key') throw error
      refused = error
    }
  }
  const opened = await fromKms(context, refusedObjects, place)
  if (opened === null) throw refused
  return { ...opened, bytesRead }
}

/** null: no object was sealed by the KMS key in use. Throws `unavailable` where KMS does not answer, `wrong_key` where it refuses. */
async function fromKms(context: RunContext, objects: readonly Buffer[], place: Place): Promise<Omit<CopyKey, 'bytesRead'> | null> {
  // the last one was written last
  const parsed = objects.toReversed().map(parseKeyObject)
  const sealed = parsed.flatMap((object) => object.wrapped.flatMap((one) => (one.by === 'kms' ? [{ object, one }] : [])))
  if (sealed.length === 0) return null
  const settings = await kmsSettings(context.catalog)
  const mine = settings === null ? undefined : sealed.find(({ one }) => one.keyId === settings.keyId)
  if (settings === null || mine === undefined) return null
  const { object, one } = mine
  const backupId = place.backupId ?? object.backupId
  if (object.backupId !== backupId) throw new LifeboatError('corrupt', `The key object belongs to backup ${object.backupId}, not to ${backupId}.`)
  const backupKey = await openByKms(settings, one, { backupId, signal: context.signal })
  return { backupId, backupKey, keyId: one.keyId, signer: one.signer, signerPem: signerPem(one.signer), vouched: null }
}
