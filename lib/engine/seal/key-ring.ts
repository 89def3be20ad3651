import type { DerivedKeys } from './keys.ts'

/** The master keys in force on a machine: the newest seals and signs, older ones only open. */
export interface KeyRing extends DerivedKeys {
  /** newest first; absent: there was no rotation */
  older?: readonly DerivedKeys[]
}

/** Every key in force, the newest first. */
export function keysInForce(ring: KeyRing): DerivedKeys[] {
  return [ring, ...(ring.older ?? [])]
}
