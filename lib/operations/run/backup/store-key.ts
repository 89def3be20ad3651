import { currentKey } from '#lib/catalog/keys.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import { requireKeys } from '../connection-for.ts'
import type { RunContext } from '../../run-context.ts'
import { assertSomeoneLives, living, noteVersion, type Target } from './fan-out.ts'

/** The object `key`, before any entry: bytes that nobody could open are never written. */
export async function storeKey(
  context: RunContext,
  options: { backup: { id: string; path: string }; backupKey: Buffer; targets: readonly Target[] },
): Promise<void> {
  const keys = requireKeys(context)
  const recovery = await currentKey(context.catalog, 'recovery')
  const object = sealBackupKey(options.backupKey, {
    backupId: options.backup.id,
    kek: keys.kek,
    keyId: keys.keyId,
    recoveryPublicPem: recovery?.public_key ?? null,
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
}
