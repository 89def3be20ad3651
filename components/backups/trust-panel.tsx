import { CircleDashed, Clock, type LucideIcon, OctagonX, ShieldCheck } from 'lucide-react'
import { type Tone, toneText } from '#components/ui/chip.tsx'
import { Time } from '#components/ui/time.tsx'
import type { Role } from '#lib/domain/permissions.ts'
import { type Trust, trustIn } from '#lib/domain/trust.ts'
import type { BackupView } from '#lib/domain/views.ts'
import { SuspicionBanner } from './suspicion-banner.tsx'

const looks = {
  proven: { tone: 'ok', icon: ShieldCheck },
  verified: { tone: 'ok', icon: ShieldCheck },
  stored: { tone: 'warn', icon: CircleDashed },
  pending: { tone: 'run', icon: Clock },
  lost: { tone: 'bad', icon: OctagonX },
} satisfies Record<Trust['level'], { tone: Tone; icon: LucideIcon }>

/** Can I trust it? The answer before any table. */
export function TrustPanel({ backup, role }: { backup: BackupView; role: Role }) {
  const { level, verdict, because } = trustIn(backup)
  const { tone, icon: Icon } = looks[level]
  return (
    <div className="mb-5 flex flex-col gap-3">
      <div className="flex items-start gap-3">
        <Icon aria-hidden className={`mt-1 size-6 shrink-0 ${toneText[tone]}`} />
        <div className="min-w-0">
          <p className={`m-0 text-xl font-semibold ${toneText[tone]}`}>{verdict}</p>
          <p className="m-0 max-w-[75ch] text-ink-2 [overflow-wrap:anywhere]">
            {because} Last read back whole: <Time at={backup.verifiedAt} />. Last proven: <Time at={backup.provenAt} />.
          </p>
        </div>
      </div>
      <SuspicionBanner backup={backup} role={role} />
    </div>
  )
}
