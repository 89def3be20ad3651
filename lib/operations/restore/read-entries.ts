import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { DatabaseLike } from '#lib/engine/postgres/database.ts'
import { databaseLocale } from '#lib/engine/postgres/database-locale.ts'
import type { Globals } from '#lib/engine/postgres/globals.ts'
import type { FetchedCopy } from './fetch.ts'

/** Authenticated JSON that this installation sealed. */
export async function readGlobalsEntry(fetched: FetchedCopy): Promise<Globals> {
  const entry = fetched.manifest.entries.find((one) => one.kind === 'globals')
  if (entry === undefined) throw new LifeboatError('corrupt', 'The manifest names no globals.')
  return JSON.parse((await buffer(Readable.from(fetched.open(entry)))).toString('utf8')) as Globals
}

export async function readToc(fetched: FetchedCopy): Promise<Buffer> {
  const toc = fetched.manifest.entries.find((entry) => entry.kind === 'toc')
  if (toc === undefined) throw new LifeboatError('corrupt', 'The manifest names no table of contents.')
  return await buffer(Readable.from(fetched.open(toc)))
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
