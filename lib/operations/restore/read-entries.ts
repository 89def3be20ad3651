import { LifeboatError } from '#lib/domain/errors.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import type { DatabaseLike } from '#lib/engine/postgres/database.ts'
import { databaseLocale } from '#lib/engine/postgres/database-locale.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import { mapRolesOfGlobals, mapRolesOfToc } from '#lib/engine/postgres/map-roles.ts'
import type { FetchedCopy } from './fetch.ts'

/** Authenticated JSON that this installation sealed, with the roles that the restore maps. */
export async function readGlobalsEntry(fetched: FetchedCopy): Promise<Globals> {
  const entry = fetched.manifest.entries.find((one) => one.kind === 'globals')
  if (entry === undefined) throw new LifeboatError('corrupt', 'The manifest names no globals.')
  return mapRolesOfGlobals(JSON.parse((await readWhole(fetched, entry)).toString('utf8')) as Globals, fetched.roleMap ?? {})
}

const tocs = new WeakMap<FetchedCopy, Promise<Buffer>>()

/** With the roles that the restore maps. Read once for all who ask: it grows with the number of objects, to 19 MB for 100,000 large ones. */
export function readToc(fetched: FetchedCopy): Promise<Buffer> {
  const read = tocs.get(fetched) ?? readTocEntry(fetched)
  tocs.set(fetched, read)
  return read
}

async function readTocEntry(fetched: FetchedCopy): Promise<Buffer> {
  const toc = fetched.manifest.entries.find((entry) => entry.kind === 'toc')
  if (toc === undefined) throw new LifeboatError('corrupt', 'The manifest names no table of contents.')
  return mapRolesOfToc(await readWhole(fetched, toc), fetched.roleMap ?? {})
}

/** An entry's bytes at once. The manifest has told their number; an entry that has another is corrupt. */
async function readWhole(fetched: FetchedCopy, entry: ManifestEntry): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(entry.rawBytes)
  let at = 0
  for await (const piece of fetched.open(entry)) at += piece.copy(whole, at)
  return whole
}

/** Encoding and rules of sorting of the database that was backed up. */
export async function databaseLike(fetched: FetchedCopy): Promise<DatabaseLike> {
  const { settings } = fetched.manifest
  return {
    encoding: settings.server_encoding,
    collate: settings.lc_collate,
    ctype: settings.lc_ctype,
    locale: databaseLocale(await readToc(fetched)),
  }
}
