import { userInfo } from 'node:os'
import type { Kysely } from 'kysely'
import { assertSchemaIsCurrent } from '#lib/catalog/migrate.ts'
import { openCatalog } from '#lib/catalog/pool.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { sealingRecipient } from '#lib/catalog/sealing-recipient.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { type Env, env, useEnv } from '#lib/env.ts'
import { borrowEmbedded } from './embedded.ts'

/** What a command works with: the catalogue, and who asks. Whoever can read the catalogue's password is an admin. */
export interface Session {
  catalog: Kysely<Catalog>
  /** the application's connection */
  url: string
  actor: Actor
  env: Env
}

export async function withSession<T>(act: (session: Session) => Promise<T>): Promise<T> {
  const settings = env()
  const borrowed = settings.DATABASE_URL === undefined ? await borrowEmbedded(settings) : null
  const url = borrowed?.appUrl ?? settings.DATABASE_URL ?? ''
  useEnv({ DATABASE_URL: url })
  const catalog = openCatalog(url, { applicationName: 'lifeboat cli', max: 6 })
  try {
    await assertReachable(catalog)
    if (borrowed?.samplePort) {
      await catalog
        .updateTable('databases')
        .set({ port: borrowed.samplePort })
        .where('is_sample', '=', true)
        .where('port', '!=', borrowed.samplePort)
        .execute()
    }
    const actor: Actor = { kind: 'cli', id: null, name: `${userInfo().username} (command line)`, role: 'admin', databaseIds: null }
    return await act({ catalog, url, actor, env: settings })
  } finally {
    await catalog.destroy()
    await borrowed?.giveBack()
  }
}

async function assertReachable(catalog: Kysely<Catalog>): Promise<void> {
  try {
    await assertSchemaIsCurrent(catalog)
  } catch (error) {
    if (error instanceof LifeboatError) throw error
    const reason = asLifeboatError(error).message
    if (/relation .* does not exist/.test(reason)) throw new LifeboatError('refused', 'The catalogue has no tables yet.', 'Run npm run migrate.')
    throw new LifeboatError(
      'unavailable',
      `The catalogue does not answer: ${reason}`,
      'Check DATABASE_URL. The rescue script beside the backups works without it.',
      {
        cause: error,
      },
    )
  }
}

/** The public half to which secrets are sealed: this machine's key, or the one that the workers made known. */
export async function sealingKey(session: Session): Promise<string> {
  const { openKeys } = await import('../master-keys.ts')
  const own = await openKeys(session.catalog)
  const pem = (await listLiveWorkers(session.catalog)).length > 0 ? await sealingRecipient(session.catalog) : own?.sealing.publicKeyPem
  const known = pem ?? (await sealingRecipient(session.catalog))
  if (known) return known
  throw new LifeboatError(
    'key_missing',
    'No key is known to which the secret could be sealed.',
    'Put the master key back, or start a worker that has it.',
  )
}
