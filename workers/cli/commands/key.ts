import type { Command } from 'commander'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { publicKeyId } from '#lib/engine/seal/keys.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { print } from '../output.ts'
import { withSession } from '../session.ts'

export function addKey(program: Command): void {
  program
    .command('key')
    .description('the keys')
    .command('show')
    .description('which keys this machine has; never the secret itself')
    .action(async () => {
      const { masterKeyFile, openKeys } = await import('../../machine.ts')
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
          file: session.env.LIFEBOAT_KEY === undefined ? masterKeyFile() : null,
          signing: { id: publicKeyId(keys.signing.publicKeyPem), publicKey: keys.signing.publicKeyPem },
          recovery,
        }
      })
      print({ key: shown }, () =>
        [
          `Master key    ${shown.keyId}  (${shown.file ?? 'from LIFEBOAT_KEY'})`,
          `Signing key   ${shown.signing.id}`,
          `Recovery key  ${shown.recovery.state === 'none' ? 'none yet: make one in the console' : `${shown.recovery.keyId}, ${shown.recovery.state === 'confirmed' ? 'confirmed saved' : 'not confirmed'}`}`,
          shown.signing.publicKey.trim(),
        ].join('\n'),
      )
    })
}
