'use client'

import { useQuery } from '@tanstack/react-query'
import { KeyRound, LifeBuoy, type LucideIcon, OctagonX, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import { keysQuery } from '#lib/client/queries.ts'
import type { KeysView, KeyView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount, formatUtc } from '#lib/domain/units.ts'
import { KmsPanel } from './kms-panel.tsx'
import { RetireKey } from './retire-key.tsx'
import { RotationPanel } from './rotation-panel.tsx'

const looks = {
  active: { tone: 'ok', icon: ShieldCheck, word: 'seals new backups' },
  older: { tone: 'idle', icon: KeyRound, word: 'older' },
  recovery: { tone: 'idle', icon: LifeBuoy, word: 'recovery key' },
  kms: { tone: 'idle', icon: KeyRound, word: 'AWS KMS' },
} satisfies Record<KeyView['purpose'], { tone: Tone; icon: LucideIcon; word: string }>

/** Which keys open what, who holds them, and what is still to be sealed anew. */
export function Keys({ keys: first, role }: { keys: KeysView; role: Role }) {
  const { data } = useQuery({ ...keysQuery(), initialData: first })
  const [retiring, setRetiring] = useState<KeyView | null>(null)
  const denied = allows(role, 'key.manage') ? null : reasonDenied('key.manage')
  const lost = data.keys.filter((key) => key.lost)
  usePageTitle('Keys · Settings')
  return (
    <div className="flex flex-col gap-[18px]">
      {lost.map((key) => (
        <LostKey key={key.id} lost={key} />
      ))}
      <Panel
        title={
          data.keys.length === 0
            ? 'There is no key yet'
            : formatCount(data.keys.length, 'key is in force or still opens something', 'keys are in force or still open something')
        }
        say={
          data.keys.length === 0
            ? 'The first worker that starts makes the master key. Nothing is stored before that.'
            : 'Master keys lie on the workers’ machines, never in the catalogue, on a storage or in this console.'
        }
        flush
      >
        {data.keys.length > 0 && (
          <DataTable
            caption="Keys"
            rows={data.keys}
            rowKey={(key) => key.id}
            columns={[
              {
                id: 'key',
                header: 'Key',
                primary: true,
                cell: (key) => (
                  <>
                    <code className="font-mono text-[12.5px] font-semibold">{key.id}</code>
                    <span className="mt-1 block">
                      <KeyChip of={key} />
                    </span>
                    <span className="mt-1 block text-sm font-normal text-ink-2">{key.words}</span>
                  </>
                ),
              },
              { id: 'made', header: 'Since', cell: (key) => <Time at={key.createdAt} as="utc" /> },
              { id: 'held', header: 'Held by', cell: (key) => <HeldBy of={key} /> },
              { id: 'copies', header: 'Opens', align: 'end', cell: (key) => formatCount(key.copies, 'copy', 'copies') },
              {
                id: 'only',
                header: 'Only it opens',
                align: 'end',
                cell: (key) => (
                  <>
                    {formatCount(key.onlyOpener, 'copy', 'copies')}
                    {key.purpose !== 'active' && key.locked > 0 && (
                      <span className="block text-sm whitespace-normal text-ink-2">
                        {formatCount(key.locked)} locked{key.lockedUntil !== null && ` until ${formatUtc(key.lockedUntil).split(',')[0]}`}
                      </span>
                    )}
                  </>
                ),
              },
              {
                id: 'acts',
                header: <span className="sr-only">Acts</span>,
                bare: true,
                cell: (key) =>
                  key.purpose === 'older' && (
                    <Button
                      size="small"
                      variant="plain"
                      label={`Retire the key ${key.id}`}
                      reason={denied ?? (key.onlyOpener > 0 ? 'Copies open with no other key yet: seal the keys anew first.' : null)}
                      onPress={() => setRetiring(key)}
                    >
                      Retire
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Panel>
      <RotationPanel keys={data} denied={denied} />
      <KmsPanel kms={data.kms} denied={denied} />
      {retiring !== null && <RetireKey retired={retiring} onClose={() => setRetiring(null)} />}
    </div>
  )
}

function KeyChip({ of }: { of: KeyView }) {
  const { tone, icon, word } = of.lost ? ({ tone: 'bad', icon: OctagonX, word: `lost: ${looks[of.purpose].word}` } as const) : looks[of.purpose]
  return (
    <Chip tone={tone} icon={icon}>
      {word}
    </Chip>
  )
}

/** The private half of a recovery key is on paper, that of KMS at AWS: no worker holds them. */
function HeldBy({ of }: { of: KeyView }) {
  if (of.purpose === 'recovery') return 'paper'
  if (of.purpose === 'kms') return 'AWS'
  return of.heldBy.length === 0 ? (
    <span className="font-[550] text-bad">no live worker</span>
  ) : (
    <span className="[overflow-wrap:anywhere]">{of.heldBy.join(', ')}</span>
  )
}

/** A lost key for what it is: what cannot be opened now, and the ways that are left. */
function LostKey({ lost }: { lost: KeyView }) {
  return (
    <Problem title={`The key ${lost.id} is lost: no live worker holds it`}>
      {formatCount(lost.onlyOpener, 'copy opens', 'copies open')} with no other key of the workers. Nothing of it is deleted. Put the key’s file back
      on a worker’s machine from wherever it was kept, or open the copies with the recovery sheet; without either, what only it opens cannot be read
      again.
    </Problem>
  )
}
