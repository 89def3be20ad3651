import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { currentKey, signingKeys } from '#lib/catalog/keys.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { RecoverySheetView } from '#lib/domain/views.ts'
import { env } from '#lib/env.ts'

/** What a recovery sheet says beside the private key, which only the browser knows. The script is the one that workers put on storages. */
export async function readRecoverySheet(catalog: Kysely<Catalog>, _actor: Actor): Promise<RecoverySheetView> {
  const [signing, active, script] = await Promise.all([
    signingKeys(catalog),
    currentKey(catalog, 'active'),
    readFile(path.join(env().LIFEBOAT_ROOT, 'rescue', 'lifeboat-rescue.mjs')).catch(() => null),
  ])
  return {
    signingPublicPem: signing.length === 0 ? null : signing.join(''),
    activeKeyId: active?.id ?? null,
    rescueScriptSha256: script === null ? null : createHash('sha256').update(script).digest('hex'),
  }
}
