import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  Clock,
  Hourglass,
  Info,
  KeyRound,
  Loader,
  Lock,
  type LucideIcon,
  OctagonX,
  SearchX,
  ShieldCheck,
  Trash2,
  TriangleAlert,
  Unplug,
  Upload,
} from 'lucide-react'
import type { CopyState, OperationState, RestoreOutcome, Severity, Verdict } from '#lib/domain/states.ts'
import { Chip, type Tone } from './chip.tsx'

interface Look {
  tone: Tone
  icon: LucideIcon
  word: string
}

/** A new state does not compile until it has a colour, an icon and a word. */
export const operationLook = {
  queued: { tone: 'idle', icon: Clock, word: 'queued' },
  running: { tone: 'run', icon: Loader, word: 'running' },
  cancelling: { tone: 'warn', icon: Hourglass, word: 'cancelling' },
  succeeded: { tone: 'ok', icon: CircleCheck, word: 'succeeded' },
  succeeded_with_findings: { tone: 'warn', icon: TriangleAlert, word: 'done, with findings' },
  failed: { tone: 'bad', icon: OctagonX, word: 'failed' },
  cancelled: { tone: 'idle', icon: CircleSlash, word: 'cancelled' },
  interrupted: { tone: 'bad', icon: Unplug, word: 'interrupted' },
} satisfies Record<OperationState, Look>

export const copyLook = {
  waiting: { tone: 'idle', icon: Clock, word: 'waiting' },
  storing: { tone: 'run', icon: Upload, word: 'storing' },
  stored: { tone: 'idle', icon: CircleDashed, word: 'stored, not read back' },
  verified: { tone: 'ok', icon: CircleCheck, word: 'verified' },
  missing: { tone: 'bad', icon: SearchX, word: 'missing' },
  corrupt: { tone: 'bad', icon: OctagonX, word: 'corrupt' },
  failed: { tone: 'bad', icon: CircleAlert, word: 'failed' },
  delete_pending: { tone: 'warn', icon: Trash2, word: 'being deleted' },
  retained: { tone: 'idle', icon: Lock, word: 'kept by a lock' },
  deleted: { tone: 'none', icon: Trash2, word: 'deleted' },
} satisfies Record<CopyState, Look>

export const verdictLook = {
  valid: { tone: 'ok', icon: CircleCheck, word: 'valid' },
  corrupt: { tone: 'bad', icon: OctagonX, word: 'corrupt' },
  missing: { tone: 'bad', icon: SearchX, word: 'missing' },
  unrecoverable: { tone: 'bad', icon: KeyRound, word: 'unrecoverable' },
} satisfies Record<Verdict, Look>

export const outcomeLook = {
  completed: { tone: 'ok', icon: ShieldCheck, word: 'completed' },
  completed_with_losses: { tone: 'warn', icon: TriangleAlert, word: 'completed, with losses' },
  failed: { tone: 'bad', icon: OctagonX, word: 'failed' },
  indeterminate: { tone: 'bad', icon: CircleAlert, word: 'outcome unknown' },
} satisfies Record<RestoreOutcome, Look>

export const severityLook = {
  info: { tone: 'idle', icon: Info, word: 'to know' },
  warning: { tone: 'warn', icon: TriangleAlert, word: 'warning' },
  blocker: { tone: 'bad', icon: Ban, word: 'stops it' },
} satisfies Record<Severity, Look>

function Badge({ look }: { look: Look }) {
  return (
    <Chip tone={look.tone} icon={look.icon}>
      {look.word}
    </Chip>
  )
}

export function OperationBadge({ state }: { state: OperationState }) {
  return <Badge look={operationLook[state]} />
}
/** Also for a backup: its state is that of its best copy. */
export function CopyBadge({ state }: { state: CopyState }) {
  return <Badge look={copyLook[state]} />
}
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  return <Badge look={verdictLook[verdict]} />
}
export function OutcomeBadge({ outcome }: { outcome: RestoreOutcome }) {
  return <Badge look={outcomeLook[outcome]} />
}
export function SeverityBadge({ severity }: { severity: Severity }) {
  return <Badge look={severityLook[severity]} />
}
