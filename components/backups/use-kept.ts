'use client'

import { useQuery } from '@tanstack/react-query'
import { keptListQuery } from '#lib/client/queries.ts'
import type { BackupView } from '#lib/domain/views.ts'

/** Until when each backup of the page stays, in words, by id. Only of a page that holds one database: of many it would take a plan each. */
export function useKept(rows: readonly BackupView[]): ReadonlyMap<string, string> {
  const databases = new Set(rows.map((row) => row.database.id))
  const databaseId = databases.size === 1 ? (rows[0]?.database.id ?? null) : null
  const { data } = useQuery(
    keptListQuery(
      databaseId,
      rows.map((row) => row.id),
    ),
  )
  return new Map((data ?? []).map((one) => [one.backupId, one.words]))
}
