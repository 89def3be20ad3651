import type { Kysely } from 'kysely'
import { recordChecks } from '#lib/catalog/checks.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { forgetNativeBackups, keepNativeBackups } from '#lib/catalog/native-backups.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { checkKinds } from '#lib/domain/watch/check-kinds.ts'
import { judgeNativeBackups, type NativeSeen } from '#lib/domain/watch/judge-native-backups.ts'
import { nativeBackupsUrl, readNativeBackups, supabaseApi } from '#lib/engine/supabase/native-backups.ts'
import { env } from '#lib/env.ts'
import { guardedRequest } from '#lib/notify/guarded-request.ts'
import { askAll } from './ask-all.ts'

/** a project keeps a month of them at most */
const answerBytes = 256 * 1_024

/** Supabase is asked once an hour what it keeps of the project that the environment names. Where none is named there is no such check. */
export async function probeNativeBackups(catalog: Kysely<Catalog>, signal: AbortSignal): Promise<void> {
  const { SUPABASE_ACCESS_TOKEN: token, SUPABASE_PROJECT_REF: ref, SUPABASE_API_URL: api } = env()
  if (token === undefined || ref === undefined) return forgetAbandoned(catalog)
  await askAll(catalog, {
    kind: 'native_backups',
    subjects: [ref],
    everySeconds: checkKinds.native_backups.everySeconds,
    atOnce: 1,
    signal,
    async ask(subject) {
      const seen = await askSupabase(subject, token, api, signal)
      const now = await catalogueNow(catalog)
      await catalog.transaction().execute(async (trx) => {
        if (seen.kind === 'seen') await keepNativeBackups(trx, subject, seen.found, now)
        await recordChecks(trx, now, [judgeNativeBackups(subject, seen, now)])
      })
    },
  })
}

/** Another worker may be the one that asks. When none has for a day, nobody wants it any more: neither its check nor what was shown of it. */
async function forgetAbandoned(catalog: Kysely<Catalog>): Promise<void> {
  const before = new Date((await catalogueNow(catalog)).getTime() - 86_400_000)
  await catalog.deleteFrom('checks').where('kind', '=', 'native_backups').where('checked_at', '<', before).execute()
  await forgetNativeBackups(catalog)
}

async function askSupabase(ref: string, token: string, api: string | undefined, signal: AbortSignal): Promise<NativeSeen> {
  const url = nativeBackupsUrl(api ?? supabaseApi, ref)
  if (url === null) return { kind: 'failed', reason: 'SUPABASE_PROJECT_REF is not the ref of a project.' }
  const answer = await guardedRequest({
    url,
    method: 'GET',
    headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'Lifeboat' },
    // who sets another address in the environment of the worker means it
    privateAllowed: api !== undefined,
    plainStaysPrivate: true,
    signal,
    keepBytes: answerBytes,
  })
  if (answer.kind === 'failed') return { kind: 'failed', reason: answer.reason }
  if (answer.status !== 200) return { kind: 'answered', status: answer.status }
  const found = readNativeBackups(answer.text)
  return found === null ? { kind: 'unreadable' } : { kind: 'seen', found }
}
