import type { Command } from 'commander'
import { readStorageDetail } from '#lib/catalog/views/storage-detail.ts'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { saveVerificationSettings, verificationSettings } from '#lib/catalog/verification-settings.ts'
import { type DriftAction, driftActions, kindsOfAction } from '#lib/domain/drift.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDetail, StorageDrift } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatRate, formatRelative } from '#lib/domain/units.ts'
import { type VerificationSettings, verificationSettingsInput } from '#lib/domain/verification-cycle.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { confirm } from '../ask.ts'
import { findStorage } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { plain, print, size, table } from '../output.ts'
import { withSession } from '../session.ts'

type DriftOptions = Partial<Record<DriftAction, string>> & { yes?: boolean }

/** What is known of one storage, and what to do where it and the catalogue disagree. */
export function addStorageLooks(storage: Command): void {
  storage
    .command('show')
    .description('one storage: its room, the day it fills, what was not read back for long, what waits for it, and its drift')
    .argument('<name>')
    .action(async (name: string) => {
      const view = await withSession(async (session) => readStorageDetail(session.catalog, session.actor, (await findStorage(session, name)).id))
      print({ storage: view }, () => showWords(view, new Date()))
    })
  storage
    .command('drift')
    .description('where a storage and the catalogue disagreed when it was last reconciled; and what to do about one of these')
    .argument('<name>')
    .option('--adopt <path>', 'put a backup that the catalogue does not know into it')
    .option('--remove <path>', 'remove the objects of a backup that never got its manifest')
    .option('--abort <path>', 'abort unfinished uploads')
    .option('--repair <path>', 'make a copy whole again from a good one')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: DriftOptions) => {
      process.exitCode = await withSession(async (session) => {
        const found = await findStorage(session, name)
        const act = actOf(options)
        if (act === null) {
          const { detail } = await readStorageDetail(session.catalog, session.actor, found.id)
          print({ drift: detail.drift, reconciledAt: detail.reconciledAt }, () => driftWords(detail, new Date()))
          return 0
        }
        const { action, path } = act
        if (action === 'repair') {
          const { requestRepair } = await import('#lib/operations/copy/request.ts')
          const made = await requestRepair(session.catalog, session.actor, { storageId: found.id, path, via: 'cli' })
          return printFinished(await untilFinished(session, made), () => `${path} is whole again on ${found.name}`)
        }
        if (action !== 'adopt') await confirm(`${action === 'remove' ? 'Remove' : 'Abort'} ${path} on ${found.name}?`, options.yes === true)
        const { requestRemedy } = await import('#lib/operations/reconcile/request.ts')
        const request = { storageId: found.id, action, kind: kindsOfAction[action], path, via: 'cli' as const }
        const { id } = await requestRemedy(session.catalog, session.actor, request)
        return printFinished(await untilFinished(session, id), (result) => doneWords(result, path))
      })
    })
  storage
    .command('cycle')
    .description('how often everything that is stored is read back, and how fast; with options it is changed')
    .option('--days <number>', 'every copy is read in full within so many days')
    .option('--gb-per-day <number>', 'of one storage; 0: no cap')
    .option('--mb-per-second <number>', 'of one reading; 0: as fast as it goes')
    .action(async (options: { days?: string; gbPerDay?: string; mbPerSecond?: string }) => {
      const settings = await withSession(async ({ catalog, actor }) => {
        const now = await verificationSettings(catalog)
        if (Object.keys(options).length === 0) return now
        const then = changed(now, options)
        await catalog.transaction().execute(async (trx) => {
          await saveVerificationSettings(trx, then)
          const subject = { subjectKind: 'setting', subjectId: 'verification' }
          await appendAudit(trx, auditKey(), {
            ...auditActor(actor),
            action: 'settings.change',
            ...subject,
            outcome: 'done',
            detail: { ...then },
          })
        })
        return then
      })
      print({ verification: settings }, () => cycleWords(settings))
    })
}

function actOf(options: DriftOptions): { action: DriftAction; path: string } | null {
  const given = driftActions.flatMap((action) => {
    const path = options[action]
    return path === undefined ? [] : [{ action, path }]
  })
  if (given.length > 1) throw new LifeboatError('usage', 'One at a time.', 'Give one of --adopt, --remove, --abort and --repair.')
  return given[0] ?? null
}

function showWords(view: StorageView & { detail: StorageDetail }, now: Date): string {
  const { detail } = view
  const readBack =
    detail.unverified === 0
      ? `every readable copy was read back in time; the oldest reading ${formatRelative(detail.oldestVerifiedAt, now)}`
      : `${formatCount(detail.unverified, 'copy', 'copies')} not read back for longer than the cycle asks for; the oldest reading ${formatRelative(detail.oldestVerifiedAt, now)}`
  const facts: [string, string][] = [
    ['place', view.place],
    ['copies', `${view.copies}, ${size(view.usedBytes)}`],
    ['checked', `${formatRelative(view.checkedAt, now)}${view.problem === null ? '' : `: ${view.problem}`}`],
    ['room', detail.forecast.words],
    ['read back', view.copies === 0 ? 'no copy lies here' : readBack],
    ['reconciled', formatRelative(detail.reconciledAt, now)],
    ['waiting', detail.waiting.length === 0 ? 'no copy' : formatCount(detail.waiting.length, 'copy', 'copies')],
  ]
  const bucket = detail.bucket
  if (bucket !== null)
    facts.push([
      'bucket',
      `versioning ${bucket.versioning}, object lock ${bucket.objectLock === null ? 'unknown' : bucket.objectLock ? 'on' : 'off'}`,
    ])
  const words = facts.map(([term, value]) => `${term.padEnd(11)} ${plain(value)}`).join('\n')
  return `${plain(view.name)}\n${words}\n\n${driftWords(detail, now)}`
}

function driftWords(detail: StorageDetail, now: Date): string {
  if (detail.reconciledAt === null) return 'It was never reconciled: what lies there that the catalogue does not know is unknown.'
  if (detail.drift.length === 0) return `Storage and catalogue agreed ${formatRelative(detail.reconciledAt, now)}.`
  const row = (one: StorageDrift) => [one.kind, one.path, one.actions.join(', ') || '–', formatRelative(one.foundAt, now)]
  const about = detail.drift.map((one) => `${plain(one.path)}\n  ${plain(one.words)}`)
  return `${table(['DRIFT', 'PATH', 'CAN BE DONE', 'FOUND'], detail.drift.map(row))}\n\n${about.join('\n')}`
}

function doneWords(result: Record<string, unknown>, path: string): string {
  if ('drift' in result) {
    const { action, objects, bytes } = result.drift as { action: 'remove' | 'abort'; objects: number; bytes: number }
    return action === 'remove'
      ? `${formatCount(objects, 'object')} of ${path} removed, ${formatBytes(bytes)}.`
      : `${formatCount(objects, 'unfinished upload')} of ${path} aborted.`
  }
  const adopted = (result.reconcile as { adopted: string[] }).adopted.includes(path)
  return adopted ? `${path} is in the catalogue now. Nothing is deleted by rule until somebody has reviewed that.` : `${path} was not adopted.`
}

function changed(now: VerificationSettings, options: { days?: string; gbPerDay?: string; mbPerSecond?: string }): VerificationSettings {
  const bytes = (word: string | undefined, unit: number, before: number | null) =>
    word === undefined ? before : Number(word) === 0 ? null : Math.round(Number(word) * unit)
  const parsed = verificationSettingsInput.safeParse({
    fullDays: options.days === undefined ? now.fullDays : Number(options.days),
    bytesPerDay: bytes(options.gbPerDay, 1e9, now.bytesPerDay),
    bytesPerSecond: bytes(options.mbPerSecond, 1e6, now.bytesPerSecond),
  })
  if (parsed.success) return parsed.data
  throw new LifeboatError('usage', 'These are no numbers to read by.', '--days 30 --gb-per-day 500 --mb-per-second 50')
}

function cycleWords({ fullDays, bytesPerDay, bytesPerSecond }: VerificationSettings): string {
  const cap = bytesPerDay === null ? 'with no cap on a day' : `at most ${formatBytes(bytesPerDay)} a day of each storage`
  const rate = bytesPerSecond === null ? 'as fast as it goes' : `at ${formatRate(bytesPerSecond)}`
  return `Every copy is read in full within ${formatCount(fullDays, 'day')}, the oldest first, ${cap}, ${rate}.`
}
