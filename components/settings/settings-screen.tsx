'use client'

import { Channels } from '#components/channels/channels.tsx'
import { Contacts } from '#components/contacts/contacts.tsx'
import type { SheetFacts } from '#components/contacts/emergency-sheet.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { TabLinks } from '#components/ui/tab-links.tsx'
import type { Role } from '#lib/domain/permissions.ts'
import type { CaCertificateView, MeView, RecoveryKeyView, RecoverySheetView, UserView, WorkerView } from '#lib/domain/views.ts'
import type { ChannelView, EscalationView, HeartbeatView } from '#lib/domain/watch-views.ts'
import { CaFiles } from './ca-files.tsx'
import type { KeysView } from '#lib/domain/keeping-views.ts'
import { Keys } from './keys.tsx'
import { OutboundHeartbeat } from './outbound-heartbeat.tsx'
import { OwnAccount } from './own-account.tsx'
import { People } from './people.tsx'
import { RecoveryKey } from './recovery-key.tsx'
import { type SettingsPart, settingsParts } from './settings-parts.ts'
import { Workers } from './workers.tsx'

const labels = {
  'recovery-key': 'Recovery key',
  channels: 'Channels',
  contacts: 'Contacts',
  heartbeat: 'Heartbeat',
  keys: 'Keys',
  people: 'People',
  workers: 'Workers',
  'ca-files': 'CA files',
  account: 'Your account',
} satisfies Record<SettingsPart, string>

export function SettingsScreen(props: {
  part: SettingsPart
  role: Role
  me: MeView
  /** null: may not be seen with this role */
  people: UserView[] | null
  workers: WorkerView[]
  recoveryKey: RecoveryKeyView
  sheet: RecoverySheetView
  keys: KeysView
  certificates: CaCertificateView[]
  /** null: another part is shown */
  channels: { channels: ChannelView[]; databases: { id: string; name: string }[] } | null
  contacts: { escalation: EscalationView; sheet: SheetFacts } | null
  heartbeat: HeartbeatView | null
}) {
  const { part, role, me, people, workers, recoveryKey, sheet, keys, certificates, channels, contacts, heartbeat } = props
  return (
    <>
      <div className="no-print">
        <PageHeader title="Settings">Who may do what, who is told, what runs, and what must be kept on paper.</PageHeader>
        <TabLinks
          label="Settings"
          current={part}
          tabs={settingsParts.map((value) => ({ value, href: `/settings?part=${value}`, label: labels[value] }))}
        />
      </div>
      <div className="mt-5 print:mt-0">
        {part === 'recovery-key' && <RecoveryKey recoveryKey={recoveryKey} sheet={sheet} role={role} />}
        {part === 'channels' && channels !== null && <Channels channels={channels.channels} databases={channels.databases} role={role} />}
        {part === 'contacts' && contacts !== null && <Contacts escalation={contacts.escalation} sheet={contacts.sheet} role={role} />}
        {part === 'heartbeat' && <OutboundHeartbeat heartbeat={heartbeat} role={role} />}
        {part === 'keys' && <Keys keys={keys} role={role} />}
        {part === 'people' && <People people={people} role={role} me={me.id} />}
        {part === 'workers' && <Workers workers={workers} />}
        {part === 'account' && <OwnAccount me={me} />}
        {part === 'ca-files' && <CaFiles certificates={certificates} role={role} />}
      </div>
    </>
  )
}
