import { kmsSettings } from '#lib/catalog/kms.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Wrapping } from '#lib/engine/seal/key-object.ts'
import { type KmsSettings, sealByKms } from '#lib/engine/seal/kms.ts'
import type { RunContext } from '../run-context.ts'

type KmsWrapping = Extract<Wrapping, { by: 'kms' }>

/** A backup key sealed by AWS KMS too, where that is set up. Away, it fails nothing: the master key opens the backup all the same. */
export async function wrapByKms(
  context: RunContext,
  backupKey: Buffer,
  options: { backupId: string; signer: string; settings?: KmsSettings | null },
): Promise<{ kms: KmsWrapping | null; finding: Finding | null }> {
  const settings = options.settings === undefined ? await kmsSettings(context.catalog) : options.settings
  if (settings === null) return { kms: null, finding: null }
  try {
    return { kms: await sealByKms(settings, backupKey, { ...options, signal: context.signal }), finding: null }
  } catch (thrown) {
    context.signal.throwIfAborted()
    const error = asLifeboatError(thrown)
    return {
      kms: null,
      finding: {
        severity: 'warning',
        code: 'kms_away',
        message: `The backup’s key was not sealed by AWS KMS: ${error.message}`,
        remedy: `${error.hint} The master key opens it all the same; seal the keys anew when KMS is back.`.trim(),
        overridable: false,
      },
    }
  }
}
