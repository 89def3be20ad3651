'use client'

import { classes } from '#components/ui/classes.ts'
import { toneText } from '#components/ui/chip.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import type { OverviewVerdict } from '#lib/domain/overview-verdict.ts'
import type { Role } from '#lib/domain/permissions.ts'
import type { OverviewView } from '#lib/domain/views.ts'
import { NextStepButton } from './next-step-button.tsx'
import { StartBackupsButton } from './start-backups-button.tsx'

export function VerdictHead({ verdict, view, role }: { verdict: OverviewVerdict; view: OverviewView; role: Role }) {
  const suggestsBackup = verdict.next.kind === 'back_up' && view.databases.length === 1
  return (
    <header>
      <h1 className="m-0 max-w-[30em] text-2xl font-semibold tracking-[-0.02em] [overflow-wrap:anywhere]">
        {verdict.lead} {verdict.trouble && <span className={toneText[verdict.tone]}>{verdict.trouble}</span>}
      </h1>
      {verdict.because.length > 0 && (
        <p className={classes('m-0 mt-2 max-w-[62em] text-[15px] text-ink-2 [overflow-wrap:anywhere]')}>{verdict.because.join(' ')}</p>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <NextStepButton next={verdict.next} role={role} />
        {view.databases.length > 0 && view.storages.length > 0 && !suggestsBackup && (
          <StartBackupsButton
            databases={view.databases.map((one) => ({ id: one.database.id, name: one.database.name }))}
            role={role}
            label={view.databases.length === 1 ? 'Back up now' : 'Back up all now'}
          />
        )}
        {verdict.tone === 'bad' && view.databases.length > 0 && <LinkButton href="/runbooks">Something is lost? Open the runbooks</LinkButton>}
      </div>
    </header>
  )
}
