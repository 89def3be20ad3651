import { LifeboatError } from '#lib/domain/errors.ts'
import { type KeyRing, keysInForce } from '#lib/engine/seal/key-ring.ts'
import { openSecret } from '#lib/secrets/open.ts'

/** Opens what was sealed to any of the keys in force. Throws `wrong_key` (sealed to another one) and `corrupt`. */
export function openSealed(sealed: string, ring: KeyRing, place: string): string {
  let refused: unknown = null
  for (const keys of keysInForce(ring)) {
    try {
      return openSecret(sealed, keys.sealing.privateKey, place)
    } catch (error) {
      if (!(error instanceof LifeboatError && error.code === 'wrong_key')) throw error
      refused = error
    }
  }
  throw refused
}
