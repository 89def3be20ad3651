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
  // one that looks unlike those before it is for a person to choose, and a safety backup holds what was about to be overwritten
  const best = points.find((one) => one.state === 'verified' && one.suspicious === null && one.tier !== 'safety')
  const minutes = points.map((one) => formatUtc(one.createdAt))
  const withSeconds = new Set(minutes).size < minutes.length
  const [backup, setBackup] = useState(address.backup ?? best?.id ?? null)

  return (
    <>
      <Panel title="Which point in time do you want back?" say="What was written after the point is not in it.">
        <RadioCards
          label="Which point in time do you want back?"
          hideLabel
          value={backup}
          onChange={setBackup}
          options={points.map((one) => ({
            value: one.id,
            title: (
              <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span>{formatUtc(one.createdAt, withSeconds)}</span>
                <span className="font-normal text-ink-2">{formatRelative(one.createdAt, now)}</span>
                <CopyBadge state={one.state} />
                {one.id === best?.id && <span className="text-sm font-[550] text-accent">{markOf(one, points)}</span>}
              </span>
            ),
            detail:
              one.suspicious === null ? (
                describe(one, now)
              ) : (
                <>
                  {describe(one, now)}
                  <span className="block font-[550] text-warn">Looks different from those before it: {one.suspicious}</span>
                </>
              ),
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
          {address.happened === 'table' ? 'Go on to the table' : 'Go on to the target'}
        </Button>
      </StepActions>
    </>
  )
}

/** Why an older one is proposed, where it is older than others that were read back. */
function markOf(best: BackupView, points: readonly BackupView[]): string {
  const newer = points.slice(0, points.indexOf(best)).filter((one) => one.state === 'verified')
  if (newer.some((one) => one.suspicious !== null)) return 'newest verified that looks as usual'
  return newer.length > 0 ? 'newest verified that is no safety backup' : 'newest verified'
}

function describe(one: BackupView, now: number): string {
  const places = one.copies.filter(isReadable).map((copy) => copy.storage.name)
  // what was read back before every copy went bad proves nothing now
  const proof =
    places.length === 0
      ? null
      : one.provenAt !== null
        ? `proven ${formatRelative(one.provenAt, now)}`
        : one.verifiedAt !== null
          ? `read back whole ${formatRelative(one.verifiedAt, now)}`
          : 'never read back yet'
  return [
    one.name,
    formatCount(one.tables, 'table'),
    formatCount(one.rows, 'row'),
    formatBytes(one.rawBytes),
    proof,
    places.length === 0 ? null : `on ${places.join(', ')}`,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

function reasonAgainst(one: BackupView): string | null {
  return one.copies.some(isReadable) ? null : 'No copy of it can be read.'
}

function isReadable(copy: BackupView['copies'][number]): boolean {
  return (readableCopyStates as readonly string[]).includes(copy.state)
}
