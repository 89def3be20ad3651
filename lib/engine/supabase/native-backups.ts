import { z } from 'zod'
import type { NativeBackups } from '#lib/domain/watch/judge-native-backups.ts'

/** Supabase's own service; a test or a self-hosted one may stand in. */
export const supabaseApi = 'https://api.supabase.com'

/** The API gives times in UTC, some without saying so. One that cannot be read is never left out: a backup would be missing that is there. */
const moment = z
  .string()
  .transform((text) => new Date(/(?:z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`))
  .refine((at) => !Number.isNaN(at.getTime()))

/**
 * GET /v1/projects/{ref}/database/backups of the Management API; only what is read here. What it always sends is asked for: an answer without a
 * list is not an empty list.
 */
const answer = z.object({
  pitr_enabled: z.boolean(),
  backups: z.array(
    z.object({
      id: z.union([z.number(), z.string()]).optional(),
      is_physical_backup: z.boolean().default(false),
      status: z.string(),
      inserted_at: moment,
    }),
  ),
  physical_backup_data: z
    .object({
      earliest_physical_backup_date_unix: z.number().nullish(),
      latest_physical_backup_date_unix: z.number().nullish(),
    })
    .nullish(),
})

const projectRef = /^[a-z0-9]{8,40}$/

/** The address to ask; null: the ref is none, and would lead elsewhere. */
export function nativeBackupsUrl(api: string, ref: string): string | null {
  return projectRef.test(ref) ? `${api.replace(/\/+$/, '')}/v1/projects/${ref}/database/backups` : null
}

/** null: the answer is not what the API promises; then nothing is known. */
export function readNativeBackups(text: string): NativeBackups | null {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return null
  }
  const parsed = answer.safeParse(json)
  if (!parsed.success) return null
  const { data } = parsed
  const point = (unix: number | null | undefined) => (typeof unix === 'number' && unix > 0 ? new Date(unix * 1_000) : null)
  return {
    pitr: data.pitr_enabled,
    earliestPoint: point(data.physical_backup_data?.earliest_physical_backup_date_unix),
    latestPoint: point(data.physical_backup_data?.latest_physical_backup_date_unix),
    backups: data.backups.map((one) => ({
      id: String(one.id ?? one.inserted_at.toISOString()),
      at: one.inserted_at,
      status: one.status.toUpperCase(),
      physical: one.is_physical_backup,
    })),
  }
}
