import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Claimer } from '#lib/catalog/attempts.ts'
import { knownSchemaVersion } from '#lib/catalog/migrate.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { Needs } from '#lib/operations/definition.ts'
import { backupDefinition } from '#lib/operations/backup/definition.ts'
import { enqueueOperation } from '#lib/operations/enqueue.ts'
import { restoreDefinition } from '#lib/operations/restore/definition.ts'
import { verifyDefinition } from '#lib/operations/verify/definition.ts'

export const ann: Actor = { kind: 'user', id: 'ann', name: 'Ann', role: 'admin', databaseIds: null }

interface How {
  after?: string
  needs?: Needs
  idempotencyKey?: string
  dryRun?: boolean
  databaseId?: string
}

/** Takes no lock, may be tried twice. */
export function enqueueVerify(db: Kysely<Catalog>, how: How & { name?: string } = {}): Promise<{ id: string; existing: boolean }> {
  return enqueueOperation(db, {
    definition: verifyDefinition,
    input: { backupId: '00000000-0000-4000-8000-000000000001', backupName: how.name ?? 'a backup' },
    requester: ann,
    via: 'web',
    ...how,
    databaseId: null,
  })
}

/** Locks its database for other backups, may be tried twice. */
export function enqueueBackup(db: Kysely<Catalog>, databaseId: string, how: How = {}): Promise<{ id: string; existing: boolean }> {
  const input = { databaseId, databaseName: 'shop', storageIds: [randomUUID()] }
  return enqueueOperation(db, { definition: backupDefinition, input, requester: ann, via: 'web', ...how, databaseId: how.databaseId ?? null })
}

/** Locks its target, is never tried again by itself. */
export function enqueueRestore(db: Kysely<Catalog>, targetDbname: string, how: How = {}): Promise<{ id: string; existing: boolean }> {
  const backupId = '00000000-0000-4000-8000-000000000001'
  const input = { scope: 'full' as const, backupId, backupName: 'a backup', serverDatabaseId: null, targetDbname }
  return enqueueOperation(db, { definition: restoreDefinition, input, requester: ann, via: 'web', ...how, databaseId: null })
}

/** A worker that has everything, as the catalogue sees it. */
export function claimer(has: Partial<Claimer> = {}): Claimer {
  return { workerId: randomUUID(), schemaVersion: knownSchemaVersion(), toolMajors: [15], keyIds: [], storageIds: [], ...has }
}
