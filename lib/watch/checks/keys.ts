import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { systemActor } from '#lib/domain/actor.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { countIs, named, seenOfInstallation } from '#lib/domain/watch/result.ts'

/** Whether every backup can still be opened by a key that a live worker holds. */
export async function lookAtKeys(catalog: Kysely<Catalog>, _now: Date): Promise<CheckResult[]> {
  const { keys } = await readKeys(catalog, systemActor)
  const lost = keys.filter((key) => key.lost)
  if (lost.length > 0) {
    const ids = named(lost.map((key) => key.id))
    const words = `${lost.length === 1 ? `The key ${ids} is` : `The keys ${ids} are`} held by no live worker: ${lost.map((key) => key.words).join(' ')}`
    return [seenOfInstallation('keys', { status: 'critical', words, value: lost.length, detail: { keyIds: lost.map((key) => key.id) } })]
  }
  const held = keys.filter((key) => key.heldBy.length > 0)
  if (held.length === 0) {
    const words = keys.length === 0 ? 'No key was made yet.' : 'No live worker holds a key: whether every backup can be opened is not known.'
    return [seenOfInstallation('keys', { status: 'unknown', words, value: null })]
  }
  return [
    seenOfInstallation('keys', {
      status: 'ok',
      words: `Every key that is needed is held by a live worker (${countIs(held.length, 'key', 'keys')}).`,
      value: 0,
    }),
  ]
}

/** from its making on there is a day to write it down */
const dayMs = 86_400_000

export async function lookAtRecoveryKey(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { state, createdAt } = await readRecoveryKey(catalog, systemActor)
  if (state === 'confirmed') return [seenOfInstallation('recovery_key', { status: 'ok', words: 'The recovery key was confirmed as saved.' })]
  const first = await catalog.selectFrom('backups').select('created_at').orderBy('created_at').limit(1).executeTakeFirst()
  const since = createdAt === null ? (first?.created_at ?? null) : new Date(createdAt)
  const late = since !== null && now.getTime() - since.getTime() > dayMs
  const words =
    state === 'none'
      ? 'There is no recovery key: without this machine’s key no backup could be opened.'
      : 'The recovery key was made and not confirmed as saved: nobody knows whether it can be found when this machine is lost.'
  return [seenOfInstallation('recovery_key', { status: late ? 'warning' : 'unknown', words })]
}
