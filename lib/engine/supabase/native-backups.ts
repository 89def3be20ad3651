import { z } from 'zod'
import type { NativeBackups } from '#lib/domain/watch/judge-native-backups.ts'

/** Supabase's own service; a test or a self-hosted one may stand in. */
export const supabaseApi = 'https://api.supabase.com'

/** GET /v1/projects/{ref}/database/backups of the Management API; only what is read here. */
const answer = z.object({
  pitr_enabled: z.boolean().default(false),
  walg_enabled: z.boolean().default(false),
  backups: z
    .array(
      z.object({
        id: z.union([z.number(), z.string()]).optional(),
        is_physical_backup: z.boolean().default(false),
        status: z.string(),
        inserted_at: z.string(),
      }),
    )
    .default([]),
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
  const moment = (unix: number | null | undefined) => (typeof unix === 'number' && unix > 0 ? new Date(unix * 1_000) : null)
  return {
    pitr: data.pitr_enabled,
    earliestPoint: moment(data.physical_backup_data?.earliest_physical_backup_date_unix),
    latestPoint: moment(data.physical_backup_data?.latest_physical_backup_date_unix),
    backups: data.backups.flatMap((one) => {
      // the API gives times in UTC, some without saying so
      const at = new Date(/(?:z|[+-]\d\d:?\d\d)$/i.test(one.inserted_at) ? one.inserted_at : `${one.inserted_at}Z`)
      if (Number.isNaN(at.getTime())) return []
      return [{ id: String(one.id ?? one.inserted_at), at, status: one.status.toUpperCase(), physical: one.is_physical_backup }]
    }),
  }
}
