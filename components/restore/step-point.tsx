'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { CopyBadge } from '#components/ui/state-badge.tsx'
import { readableCopyStates } from '#lib/domain/states.ts'
import { formatBytes, formatCount, formatRelative, formatUtc } from '#lib/domain/units.ts'
import type { BackupView } from '#lib/domain/views.ts'
import { StepActions } from './step-actions.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'

/** The points one can go back to, newest first; the newest one that was read back whole is marked. */
export function StepPoint({ address, points, more }: { address: WizardAddress; points: BackupView[]; more: boolean }) {
  const router = useRouter()
  const now = useNow()
  const best = points.find((one) => one.state === 'verified')
  const [backup, setBackup] = useState(address.backup ?? best?.id ?? null)

  return (
    <>
      <Panel title="Which point in time do you want back?" say="Everything written after the point will not be in the restored database.">
        <RadioCards
          label="Which point in time do you want back?"
          hideLabel
          value={backup}
          onChange={setBackup}
          options={points.map((one) => ({
            value: one.id,
            title: (
              <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span>{formatUtc(one.createdAt)}</span>
                <span className="font-normal text-ink-2">{formatRelative(one.createdAt, now)}</span>
                <CopyBadge state={one.state} />
                {one.id === best?.id && <span className="text-sm font-[550] text-accent">newest verified</span>}
              </span>
            ),
            detail: describe(one, now),
            reason: reasonAgainst(one),
          }))}
        />
        {more && (
          <p className="m-0 mt-3 text-ink-2">
            These are the newest {points.length}. For an older one open it under Backups and choose “Restore” there.
          </p>
        )}
      </Panel>
      <StepActions>
        <LinkButton href={wizardHref(address, 'happened')}>Back</LinkButton>
        <Button
          variant="primary"
          reason={backup === null ? 'Choose a point first.' : null}
          onPress={() => router.push(wizardHref(address, 'target', { backup, ...(backup === address.backup ? {} : { name: null }) }))}
        >
          Go on to the target
        </Button>
      </StepActions>
    </>
  )
}

function describe(one: BackupView, now: number): string {
  const proof =
    one.provenAt !== null
      ? `proven ${formatRelative(one.provenAt, now)}`
      : one.verifiedAt !== null
        ? `read back whole ${formatRelative(one.verifiedAt, now)}`
        : 'never read back yet'
  const places = one.copies.filter(isReadable).map((copy) => copy.storage.name)
  return [
    one.name,
    formatCount(one.tables, 'table'),
    formatCount(one.rows, 'row'),
    formatBytes(one.rawBytes),
    proof,
    places.length === 0 ? 'no readable copy' : `on ${places.join(', ')}`,
  ].join(' · ')
}

function reasonAgainst(one: BackupView): string | null {
  return one.copies.some(isReadable) ? null : 'No copy of it can be read.'
}

function isReadable(copy: BackupView['copies'][number]): boolean {
  return (readableCopyStates as readonly string[]).includes(copy.state)
}
