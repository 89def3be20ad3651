import { formatCount } from './units.ts'
import type { BackupDetail } from './views.ts'

/** One thing that a person might believe to be in a backup. `in: null`: cannot be known before the first backup. */
export interface Coverage {
  what: string
  in: boolean | null
  detail: string
}

/** What the newest backup of a database holds and what it does not; says so for everything that people tend to assume. */
export function coverageOf(newest: Pick<BackupDetail, 'contents'> | null): Coverage[] {
  const has = (kind: string) => (newest === null ? null : newest.contents.some((one) => one.kind === kind))
  const tables = newest?.contents.filter((one) => one.kind === 'table') ?? []
  const schemas = new Set(tables.map((one) => one.schema))
  const sequences = newest?.contents.filter((one) => one.kind === 'sequence_state') ?? []
  return [
    {
      what: 'Tables and their rows',
      in: newest === null ? null : tables.length > 0,
      detail:
        newest === null
          ? 'Every table, in one consistent snapshot.'
          : tables.length === 0
            ? 'The newest backup holds no table.'
            : `${formatCount(tables.length, 'table')} in ${formatCount(schemas.size, 'schema')}, in one consistent snapshot.`,
    },
    {
      what: 'Schema',
      in: has('toc'),
      detail: 'Types, views, functions, indexes, constraints, triggers, policies, privileges.',
    },
    {
      what: 'Sequences',
      in: has('toc'),
      detail: sequences.length > 0 ? `${formatCount(sequences.length, 'sequence')} with their values.` : 'With their values, as part of the schema.',
    },
    {
      what: 'Large objects',
      in: has('large_objects'),
      detail:
        newest === null
          ? 'Packed into one entry.'
          : has('large_objects') === true
            ? 'All of them, packed into one entry.'
            : 'The newest backup holds none: the database had none.',
    },
    {
      what: 'Roles',
      in: has('globals'),
      detail: 'Roles that the database uses, with memberships and settings. Never their passwords: set those again after a restore.',
    },
    { what: 'Other databases of the server', in: false, detail: 'Each database is registered and backed up on its own.' },
    { what: 'Server settings', in: false, detail: 'postgresql.conf and pg_hba.conf stay with the server: keep them in your configuration.' },
    { what: 'Storage files', in: false, detail: 'Files in buckets, such as Supabase Storage: their rows are in, their bytes are not.' },
    { what: 'Secrets', in: false, detail: 'Keys outside the database, such as the Vault root key or API keys, are not in it.' },
  ]
}
