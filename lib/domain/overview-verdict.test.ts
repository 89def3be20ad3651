import { describe, expect, it } from 'vitest'
import { overviewVerdict } from './overview-verdict.ts'
import type { DatabaseSafety, OverviewView, StorageView, WorkerView } from './views.ts'
import type { AlertView } from './watch-views.ts'

const storage: StorageView = {
  id: 's1',
  name: 'local',
  kind: 'local',
  place: '/backups',
  budgetBytes: null,
  totalBytes: null,
  freeBytes: null,
  usedBytes: null,
  reachable: true,
  checkedAt: null,
  problem: null,
  copies: 1,
  region: null,
  agreement: null,
  medium: 'online',
  lockMode: null,
  lockDays: null,
  forecast: null,
}
const worker: WorkerView = { id: 'w', host: 'h', pid: 1, version: '1', heartbeatAt: '2026-11-22T12:00:00Z', alive: true, tools: [] }

function safety(name: string, change: Partial<DatabaseSafety> = {}): DatabaseSafety {
  return {
    database: {
      id: `id-${name}`,
      name,
      host: 'db.internal',
      port: 5432,
      dbname: name,
      username: 'u',
      sslMode: 'verify-full',
      isSample: false,
      reachable: true,
      checkedAt: null,
      problem: null,
      serverVersion: null,
      tlsVersion: null,
      sizeBytes: null,
      rpoObjectiveSeconds: 90_000,
      rtoObjectiveSeconds: 1200,
      newestRestorableAt: '2026-11-22T10:00:00Z',
      backupCount: 1,
      tags: [],
      allowedRegions: null,
      isCatalogue: false,
      scheduleCount: 1,
    },
    lossSeconds: 7200,
    objectiveMet: true,
    verifiedLossSeconds: 7200,
    recoverySeconds: 600,
    recoveryMeasuredFrom: 1,
    provenAt: null,
    verifiedAt: '2026-11-22T10:05:00Z',
    places: ['local'],
    strip: [],
    lastFailure: null,
    running: null,
    ...change,
  }
}

function overview(databases: DatabaseSafety[], change: Partial<OverviewView> = {}): OverviewView {
  return {
    databases,
    catalogue: null,
    running: [],
    recent: [],
    storages: [storage],
    workers: [worker],
    recoveryKeyConfirmed: true,
    copyElsewhere: true,
    watch: {
      lastRoundAt: '2026-11-22T12:00:00Z',
      stale: false,
      openCritical: 0,
      openWarning: 0,
      acknowledged: 0,
      unknown: 0,
      channels: 1,
      deadChannels: [],
      heartbeat: null,
    },
    alerts: [],
    ...change,
  }
}

describe('the verdict of the overview', () => {
  it('is good only when every database is recoverable, read back, and a loss of the machine is covered', () => {
    const verdict = overviewVerdict(overview([safety('a'), safety('b')]))
    expect(verdict).toMatchObject({ tone: 'ok', lead: 'Both databases can be recovered.', trouble: null, because: [], next: { kind: 'nothing' } })
  })

  it('leads to the connection of a database that is not reachable, rather than to a backup that cannot succeed', () => {
    const away = safety('hr', { lossSeconds: null })
    away.database = { ...away.database, reachable: false, problem: 'Nothing answers at db.internal:5432.' }
    const verdict = overviewVerdict(overview([safety('a'), away]))
    expect(verdict.because[0]).toContain('It was not reachable when last tried: Nothing answers at db.internal:5432.')
    expect(verdict.next).toEqual({ kind: 'see_connection', database: 'hr', databaseId: 'id-hr' })
  })

  it('says what the worst database would lose, and why, and leads to the failure', () => {
    const billing = safety('billing', {
      lossSeconds: 112_440,
      objectiveMet: false,
      lastFailure: { at: '', message: 'permission denied for table invoices', operationId: 'op1' },
    })
    const verdict = overviewVerdict(overview([safety('a'), billing, safety('c')]))
    expect(verdict.tone).toBe('bad')
    expect(verdict.lead).toBe('2 of 3 databases can be recovered as promised.')
    expect(verdict.trouble).toBe('billing would lose 31 h 14 min.')
    expect(verdict.because[0]).toContain('permission denied for table invoices.')
    expect(verdict.next).toEqual({ kind: 'see_failure', database: 'billing', operationId: 'op1' })
  })

  it('never calls a database recoverable that has no restorable point', () => {
    const verdict = overviewVerdict(overview([safety('app', { lossSeconds: null, objectiveMet: false, verifiedAt: null, places: [] })]))
    expect(verdict).toMatchObject({ tone: 'bad', lead: '', trouble: 'app has no restorable point.', next: { kind: 'back_up', database: 'app' } })
  })

  it('does not show a backup that nobody read back as good', () => {
    const verdict = overviewVerdict(overview([safety('app', { verifiedLossSeconds: null })]))
    expect(verdict.tone).toBe('warn')
    expect(verdict.because.join(' ')).toContain('not known whether it is whole')
    expect(verdict.next).toMatchObject({ kind: 'verify' })
  })

  it('does not let an old backup that was read back speak for the newer ones that were not', () => {
    const verdict = overviewVerdict(overview([safety('app', { verifiedLossSeconds: 90_001 })]))
    expect(verdict).toMatchObject({ tone: 'warn', next: { kind: 'verify' } })
  })

  it('counts a database as unsafe when no storage that holds its copies answers', () => {
    const verdict = overviewVerdict(overview([safety('app')], { storages: [{ ...storage, reachable: false }] }))
    expect(verdict).toMatchObject({ tone: 'bad', trouble: 'The backups of app cannot be reached.', next: { kind: 'look_at_storages' } })
  })

  it('does not call a database recoverable while nobody has looked at a storage that holds its copies', () => {
    const never = { ...storage, reachable: null }
    const verdict = overviewVerdict(overview([safety('app')], { storages: [never] }))
    expect(verdict).toMatchObject({
      tone: 'warn',
      lead: '',
      trouble: 'It is not known whether the backups of app can be reached.',
      next: { kind: 'look_at_storages' },
    })
    expect(overviewVerdict(overview([safety('app')], { storages: [] })).tone).toBe('warn')
    const both = overview([safety('app', { places: ['local', 'bucket'] })], { storages: [never, { ...storage, name: 'bucket', reachable: false }] })
    expect(overviewVerdict(both).tone).toBe('warn')
  })

  it('takes one storage that answered as enough, whatever is not known of the others', () => {
    const one = safety('app', { places: ['local', 'bucket'] })
    expect(overviewVerdict(overview([one], { storages: [storage, { ...storage, name: 'bucket', reachable: null }] })).tone).toBe('ok')
  })

  it('tells what cannot be recovered before what is not known', () => {
    const lost = safety('lost', { lossSeconds: null, objectiveMet: false, places: [] })
    const verdict = overviewVerdict(overview([safety('app'), lost], { storages: [{ ...storage, reachable: null }] }))
    expect(verdict).toMatchObject({ tone: 'bad', lead: '0 of 2 databases can be recovered as promised.', trouble: 'lost has no restorable point.' })
    expect(verdict.because.join(' ')).toContain('No storage that holds a copy of app was looked at yet.')
  })

  it('does not count on storages that were taken off the list', () => {
    const verdict = overviewVerdict(overview([safety('app', { places: [] })]))
    expect(verdict).toMatchObject({ tone: 'bad', next: { kind: 'look_at_storages' } })
    expect(verdict.because.join(' ')).toContain('taken off the list')
  })

  it('says that a loss of the machine is not covered until the key is confirmed and a copy lies elsewhere', () => {
    expect(overviewVerdict(overview([safety('a')], { recoveryKeyConfirmed: false }))).toMatchObject({
      tone: 'warn',
      trouble: 'A loss of this machine is not covered.',
      next: { kind: 'recovery_key' },
    })
    expect(overviewVerdict(overview([safety('a')], { copyElsewhere: false }))).toMatchObject({ tone: 'warn', next: { kind: 'storage_elsewhere' } })
  })

  it('says that nothing backs a database up by itself while it has no schedule, however fresh its backups are', () => {
    const app = safety('app')
    app.database = { ...app.database, scheduleCount: 0 }
    expect(overviewVerdict(overview([safety('a'), app], { copyElsewhere: false }))).toMatchObject({
      tone: 'warn',
      lead: 'Both databases can be recovered.',
      trouble: 'app has no schedule.',
      next: { kind: 'schedule', database: 'app', databaseId: 'id-app' },
    })
  })

  it('says that nothing runs when no worker is alive', () => {
    const verdict = overviewVerdict(overview([safety('a')], { workers: [{ ...worker, alive: false }] }))
    expect(verdict.tone).toBe('warn')
    expect(verdict.because.join(' ')).toContain('No worker is alive')
    expect(verdict.next).toEqual({ kind: 'start_worker' })
  })

  it('asks for a first database when there is none', () => {
    expect(overviewVerdict(overview([]))).toMatchObject({ tone: 'none', next: { kind: 'add_database' } })
  })

  it('says that the catalogue itself has no backup, last of all, and does not count it among the databases', () => {
    const catalogue = { ...safety('Lifeboat catalogue'), lossSeconds: null, verifiedLossSeconds: null, objectiveMet: false, places: [] }
    const verdict = overviewVerdict(overview([safety('a')], { catalogue }))
    expect(verdict).toMatchObject({ tone: 'warn', lead: 'a can be recovered.', next: { kind: 'back_up', database: 'Lifeboat catalogue' } })
    expect(verdict.because).toEqual([expect.stringMatching(/own catalogue has no backup yet/)])
    expect(overviewVerdict(overview([safety('a')], { catalogue: safety('Lifeboat catalogue') }))).toMatchObject({ tone: 'ok' })
  })

  const alert = (change: Partial<AlertView>): AlertView => ({
    id: 'a1',
    kind: 'storage_reachable',
    title: 'Storage reachable',
    subject: 's1',
    subjectName: 'local',
    database: null,
    storage: { id: 's1', name: 'local' },
    severity: 'critical',
    state: 'open',
    words: 'It does not answer.',
    means: '',
    firstStep: { words: '', href: null },
    openedAt: '2026-11-22T11:00:00Z',
    since: '2026-11-22T11:00:00Z',
    seenAt: '2026-11-22T12:00:00Z',
    resolvedAt: null,
    resolution: null,
    flaps: 0,
    acknowledged: null,
    silenced: null,
    escalated: null,
    ...change,
  })

  it('a critical alert that nobody has taken on is the trouble and the next step; one that somebody has is neither', () => {
    const open = overviewVerdict(overview([safety('shop')], { alerts: [alert({})] }))
    expect(open).toMatchObject({
      tone: 'bad',
      trouble: 'Something is wrong: Storage reachable, local.',
      because: ['Storage reachable, local: It does not answer.'],
      next: { kind: 'answer_alert', alertId: 'a1' },
    })
    const warned = overviewVerdict(overview([safety('shop')], { alerts: [alert({ severity: 'warning' })] }))
    expect(warned).toMatchObject({ tone: 'warn', next: { kind: 'answer_alert' } })
    for (const taken of [alert({ state: 'acknowledged' }), alert({ silenced: { until: '2026-11-23T12:00:00Z', name: 'Ada', reason: 'known' } })]) {
      expect(overviewVerdict(overview([safety('shop')], { alerts: [taken] }))).toMatchObject({ tone: 'ok', trouble: null, next: { kind: 'nothing' } })
    }
  })

  it('what the verdict says of a database in its own words is not said twice', () => {
    const gone = safety('shop', { lossSeconds: null, objectiveMet: false })
    const unreachable = { ...gone, database: { ...gone.database, reachable: false, problem: 'Nothing answers.' } }
    const alerts = [
      alert({ kind: 'database_reachable', subject: 'id-shop', subjectName: 'shop', title: 'Database reachable', words: 'Nothing answers.' }),
    ]
    const { because } = overviewVerdict(overview([unreachable], { alerts }))
    expect(because.join(' ').match(/Nothing answers/g)).toHaveLength(1)
  })

  it('where the checks are not made nothing is good, and where no channel is set up that is said', () => {
    const { watch } = overview([])
    const blind = overviewVerdict(overview([safety('shop')], { watch: { ...watch, stale: true } }))
    expect(blind).toMatchObject({ tone: 'warn', trouble: 'Whether anything is wrong now is not known.' })
    const never = overviewVerdict(overview([safety('shop')], { watch: { ...watch, lastRoundAt: null, stale: true } }))
    expect(never.because).toContain('The checks were never made: whether anything is wrong is not known.')
    const mute = overviewVerdict(overview([safety('shop')], { watch: { ...watch, channels: 0 } }))
    expect(mute).toMatchObject({ tone: 'warn', next: { kind: 'add_channel' } })
  })
})
