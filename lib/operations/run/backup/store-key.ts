import { currentKey } from '#lib/catalog/keys.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { keyIdsOf, sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import { rawSigner } from '#lib/engine/seal/keys.ts'
import { requireKeys } from '../connection-for.ts'
import type { RunContext } from '../../run-context.ts'
import { wrapByKms } from '../wrap-by-kms.ts'
import { assertSomeoneLives, living, noteVersion, type Target } from './fan-out.ts'

/** The object `key`, before any entry: bytes that nobody could open are never written. Returns the ids of the keys that open it. */
export async function storeKey(
  context: RunContext,
  options: { backup: { id: string; path: string }; backupKey: Buffer; targets: readonly Target[] },
): Promise<{ keyIds: string[]; finding: Finding | null }> {
  const keys = requireKeys(context)
  const recovery = await currentKey(context.catalog, 'recovery')
  const backupId = options.backup.id
  const { kms, finding } = await wrapByKms(context, options.backupKey, { backupId, signer: rawSigner(keys.signing.publicKeyPem) })
  const object = sealBackupKey(options.backupKey, {
    backupId,
    kek: keys.kek,
    keyId: keys.keyId,
    recoveryPublicPem: recovery?.public_key ?? null,
    kms,
  })
  await Promise.all(
    living(options.targets).map(async (target) => {
      try {
        const key = `${options.backup.path}/key`
        noteVersion(target, key, await target.driver.putSmall(key, object, { signal: context.signal, overwrite: false }))
      } catch (error) {
        context.signal.throwIfAborted()
        target.problem = asLifeboatError(error)
      }
    }),
  )
  assertSomeoneLives(options.targets)
  return { keyIds: keyIdsOf(object), finding }
}
