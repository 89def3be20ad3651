import { settingsParts } from '#components/settings/settings-parts.ts'
import { SettingsScreen } from '#components/settings/settings-screen.tsx'
import { meOf } from '#lib/auth/me.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listChannels } from '#lib/catalog/views/channels.ts'
import { readEscalationView } from '#lib/catalog/views/contacts.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import { readHeartbeat } from '#lib/catalog/views/watch.ts'
import { listCaCertificates } from '#lib/catalog/views/ca-certificates.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { readRecoverySheet } from '#lib/catalog/views/recovery-sheet.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { listWorkers } from '#lib/catalog/views/workers.ts'
import { env } from '#lib/env.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { allows } from '#lib/domain/permissions.ts'

export const metadata = { title: 'Settings' }

export default async function SettingsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const asked = (await searchParams).part
  const part = settingsParts.find((one) => one === asked) ?? 'recovery-key'
  const [recoveryKey, sheet, keys, workers, certificates, people, channels, contacts, heartbeat] = await Promise.all([
    readRecoveryKey(catalog(), actor),
    readRecoverySheet(catalog(), actor),
    readKeys(catalog(), actor),
    listWorkers(catalog(), actor),
    listCaCertificates(catalog(), actor),
    allows(actor.role, 'people.manage') ? listUsers(catalog(), actor) : null,
    part === 'channels' ? readChannels(actor) : null,
    part === 'contacts' ? readContacts(actor) : null,
    part === 'heartbeat' ? readHeartbeat(catalog(), actor) : null,
  ])
  return (
    <SettingsScreen
      part={part}
      role={actor.role}
      me={meOf(actor)}
      people={people}
      workers={workers}
      recoveryKey={recoveryKey}
      sheet={sheet}
      keys={keys}
      certificates={certificates}
      channels={channels}
      contacts={contacts}
      heartbeat={heartbeat}
    />
  )
}

async function readChannels(actor: Actor) {
  const [channels, databases] = await Promise.all([listChannels(catalog(), actor), listDatabases(catalog(), actor)])
  return { channels, databases: databases.map(({ id, name }) => ({ id, name })) }
}

async function readContacts(actor: Actor) {
  const [escalation, databases, storages] = await Promise.all([
    readEscalationView(catalog()),
    listDatabases(catalog(), actor),
    listStorages(catalog(), actor),
  ])
  const protectedOnes = databases.filter((one) => !one.isCatalogue)
  return {
    escalation,
    sheet: {
      address: env().LIFEBOAT_URL ?? null,
      databases: protectedOnes.map((one) => ({ name: one.name, place: `${one.dbname} on ${one.host}:${one.port}` })),
      storages: storages.map((one) => ({ name: one.name, place: one.kind === 'local' ? `${one.place} on the worker’s machine` : one.place })),
    },
  }
}
