import type { Selectable } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type OpenChannel, openedChannel } from '#lib/domain/watch/channels.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { channelSecretPlace } from '#lib/secrets/places.ts'
import { openSealed } from './open-sealed.ts'

/** A channel that can be sent through. Throws `wrong_key` and `corrupt`, as every sealed secret does. */
export function openChannel(
  channel: Pick<Selectable<Catalog['channels']>, 'id' | 'kind' | 'config' | 'secret_sealed' | 'private_allowed'>,
  ring: KeyRing,
): OpenChannel {
  const secret = channel.secret_sealed === null ? null : openSealed(channel.secret_sealed, ring, channelSecretPlace(channel.id))
  return openedChannel(channel.kind, channel.config, secret, channel.private_allowed)
}
