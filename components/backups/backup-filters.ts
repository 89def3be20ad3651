import { z } from 'zod'
import { copyStates, tiers } from '#lib/domain/states.ts'

/** The filters of the list as the address holds them. What cannot be read is left out, so that an old link still shows a list. */
const filters = z.object({
  databaseId: z.uuid().optional().catch(undefined),
  tier: z.enum(tiers).optional().catch(undefined),
  state: z.enum(copyStates).optional().catch(undefined),
  storageId: z.uuid().optional().catch(undefined),
  verified: z.enum(['true', 'false']).optional().catch(undefined),
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/)
    .optional()
    .catch(undefined),
})
export type BackupFilterValues = z.output<typeof filters>

export function readFilters(params: Record<string, string | string[] | undefined>): BackupFilterValues {
  return filters.parse(params)
}

/** The address of the list with these filters. */
export function backupsHref(values: BackupFilterValues): string {
  const set = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return set.length === 0 ? '/backups' : `/backups?${new URLSearchParams(set)}`
}

export function areFiltered({ cursor: _, ...values }: BackupFilterValues): boolean {
  return Object.values(values).some((value) => value !== undefined)
}
