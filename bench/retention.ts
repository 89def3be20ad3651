import type { RetentionBackup, RetentionInput } from '#lib/domain/retention/types.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import { dayMs } from '#lib/domain/retention/periods.ts'
import type { Sample } from './report.ts'

const databases = 50
const backupsEach = 4000
const storages = ['near', 'far']
const now = new Date('2026-11-22T06:00:00Z')

/**
 * How long it takes to decide over a history of 200,000 backups with two copies each, as processor time of the thread that decides, which says
 * the same on a crowded machine; reading the history is not in it.
 */
export function measureRetention(rounds: number): Sample {
  const input = largeHistory()
  const seconds = Array.from({ length: rounds }, () => {
    const begun = process.threadCpuUsage()
    planRetention(input)
    const { user, system } = process.threadCpuUsage(begun)
    return (user + system) / 1e6
  })
  return { dataset: `${databases} databases`, what: 'retention plan, 200,000 backups (processor time)', seconds }
}

/** Eleven years of each database: a daily, weekly or monthly backup a day, some of them suspicious, unread, held or locked. */
function largeHistory(): RetentionInput {
  const rules = [
    { tier: 'daily', keep: { unit: 'days', count: 30 } },
    { tier: 'weekly', keep: { unit: 'weeks', count: 12 } },
    { tier: 'monthly', keep: { unit: 'months', count: 12 } },
  ] as const
  return {
    now,
    settings: { deletionsPerRun: 200, shrinkDelayHours: 72, safetyDays: 30, unlookedDays: 90 },
    rules: [
      ...rules.map((rule) => ({ id: rule.tier, databaseId: null, storageId: null, pending: null, ...rule })),
      ...Array.from({ length: databases / 2 }, (_, index) => ({
        id: `own ${index}`,
        databaseId: `database ${index}`,
        storageId: index % 2 === 0 ? 'far' : null,
        tier: 'daily' as const,
        keep: { unit: 'days' as const, count: 90 },
        pending: index % 5 === 0 ? { keep: { unit: 'days' as const, count: 10 }, from: new Date(now.getTime() + dayMs) } : null,
      })),
    ],
    duties: [{ id: 'sox', name: 'SOX', tag: 'financial', tier: 'monthly', keep: { unit: 'years', count: 7 }, endsAt: null }],
    databases: Array.from({ length: databases }, (_, index) => ({
      id: `database ${index}`,
      tags: index % 10 === 0 ? ['financial'] : [],
      isCatalogue: index === 0,
    })),
    backups: Array.from({ length: databases * backupsEach }, (_, index) => backupOf(index)),
  }
}

function backupOf(index: number): RetentionBackup {
  const day = Math.floor(index / databases)
  const createdAt = new Date(now.getTime() - 3 * 3_600_000 - (backupsEach - 1 - day) * dayMs)
  const tier = createdAt.getUTCDate() === 1 ? 'monthly' : createdAt.getUTCDay() === 0 ? 'weekly' : 'daily'
  return {
    id: `backup ${index}`,
    databaseId: `database ${index % databases}`,
    tier,
    createdAt,
    suspicious: index % 97 === 0,
    looked: null,
    undoUntil: null,
    holds: index % 1999 === 0 ? [{ kind: 'legal', reason: 'a case' }] : [],
    copies: storages.map((storageId, which) => ({
      id: `copy ${index} ${which}`,
      storageId,
      state: index % 301 === 0 ? 'stored' : 'verified',
      storedBytes: 2e8,
      verifiedAt: createdAt,
      retainedUntil: index % 211 === 0 ? new Date(createdAt.getTime() + 40 * dayMs) : null,
    })),
  }
}
