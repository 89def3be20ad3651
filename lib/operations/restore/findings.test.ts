import { expect, test } from 'vitest'
import type { Manifest } from '#lib/domain/manifest.ts'
import { isBlocked } from '#lib/domain/plan.ts'
import { fullRestoreInput } from './definition.ts'
import { targetFindings } from './findings.ts'
import type { TargetServer } from './look-at-target.ts'

const input = fullRestoreInput.parse({
  scope: 'full',
  backupId: '6b1f0a52-1111-4111-8111-000000000001',
  backupName: 'b',
  serverDatabaseId: null,
  targetDbname: 'target',
})
// only what the findings read
const manifest = { versions: { server: '16.3', serverNum: 160003 }, settings: { lc_collate: 'de_DE.utf8', lc_ctype: 'de_DE.utf8' } } as Manifest
const good = {
  version: '16.9',
  versionNum: 160009,
  inRecovery: false,
  mayCreateDatabases: true,
  mayCreateRoles: true,
  missingLocales: [],
  targetExists: false,
  heldBy: null,
  isPooler: false,
  missingRoles: [],
  missingTablespaces: [],
  extensions: [{ name: 'pgcrypto', wanted: '1.3', available: ['1.3'], byDefault: '1.3', trusted: true }],
} as unknown as TargetServer

function look(change: Partial<TargetServer>, how: Partial<typeof input> = {}) {
  const findings = targetFindings({ ...good, ...change }, manifest, { ...input, ...how })
  const told = findings.filter((one) => one.severity !== 'info')
  return { codes: told.map((one) => one.code), blocked: isBlocked(findings, false), forced: isBlocked(findings, true), told }
}

test('a server that has everything gives only passed checks', () => {
  expect(look({})).toMatchObject({ codes: [], blocked: false })
})

test.each<[string, Partial<TargetServer>]>([
  ['read_only_server', { inRecovery: true }],
  ['privileges', { mayCreateDatabases: false }],
  ['target_exists', { targetExists: true }],
  ['target_held', { heldBy: { pid: 7, applicationName: 'lifeboat/other' } }],
  ['transaction_pooler', { isPooler: true }],
  ['roles_missing', { missingRoles: ['anon'] }],
  ['extension_missing', { extensions: [{ name: 'postgis', wanted: '3.4', available: [], byDefault: null, trusted: false }] }],
  [
    'extension_untrusted',
    { superuser: false, extensions: [{ name: 'plpython3u', wanted: '1.0', available: ['1.0'], byDefault: '1.0', trusted: false }] },
  ],
])('%s blocks, cannot be overridden, and has a remedy', (code, change) => {
  const seen = look(change)
  expect(seen).toMatchObject({ codes: [code], blocked: true, forced: true })
  expect(seen.told[0]?.remedy).not.toBe('')
})

test.each<[string, Partial<TargetServer>]>([
  ['server_older', { versionNum: 150020, version: '15.20' }],
  ['tablespaces', { missingTablespaces: ['fast'] }],
])('%s blocks and may be overridden', (code, change) => {
  expect(look(change)).toMatchObject({ codes: [code], blocked: true, forced: false })
})

test.each<[string, Partial<TargetServer>]>([
  ['locale', { missingLocales: ['de_DE.utf8'] }],
  ['extension_version', { extensions: [{ name: 'postgis', wanted: '3.4', available: ['3.3'], byDefault: '3.3', trusted: true }] }],
])('%s is a warning', (code, change) => {
  expect(look(change)).toMatchObject({ codes: [code], blocked: false })
})

test('missing roles block unless the plan says what to do about them', () => {
  const missing = { missingRoles: ['anon', 'authenticated'] }
  expect(look(missing, { missingRoles: 'drop_grants' })).toMatchObject({ codes: ['roles_dropped'], blocked: false })
  expect(look(missing, { missingRoles: 'create' })).toMatchObject({ codes: ['roles_created'], blocked: false })
  expect(look({ ...missing, mayCreateRoles: false }, { missingRoles: 'create' })).toMatchObject({ codes: ['roles_missing'], forced: true })
  expect(look(missing).told[0]?.message).toContain('“anon”, “authenticated”')
})
