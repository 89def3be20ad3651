import { settingsParts } from '#components/settings/settings-parts.ts'
import { SettingsScreen } from '#components/settings/settings-screen.tsx'
import { meOf } from '#lib/auth/me.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listCaCertificates } from '#lib/catalog/views/ca-certificates.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { readRecoveryKey } from '#lib/catalog/views/recovery-key.ts'
import { readRecoverySheet } from '#lib/catalog/views/recovery-sheet.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { listWorkers } from '#lib/catalog/views/workers.ts'
import { allows } from '#lib/domain/permissions.ts'

export const metadata = { title: 'Settings' }

export default async function SettingsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const asked = (await searchParams).part
  const [recoveryKey, sheet, keys, workers, certificates, people] = await Promise.all([
    readRecoveryKey(catalog(), actor),
    readRecoverySheet(catalog(), actor),
    readKeys(catalog(), actor),
    listWorkers(catalog(), actor),
    listCaCertificates(catalog(), actor),
    allows(actor.role, 'people.manage') ? listUsers(catalog(), actor) : null,
  ])
  return (
    <SettingsScreen
      part={settingsParts.find((part) => part === asked) ?? 'recovery-key'}
      role={actor.role}
      me={meOf(actor)}
      people={people}
      workers={workers}
      recoveryKey={recoveryKey}
      sheet={sheet}
      keys={keys}
      certificates={certificates}
    />
  )
}
