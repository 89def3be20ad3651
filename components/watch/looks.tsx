import {
  BellRing,
  Check,
  CircleCheck,
  CircleHelp,
  Eye,
  type LucideIcon,
  Megaphone,
  OctagonX,
  RotateCcw,
  Send,
  TrendingDown,
  TrendingUp,
  TriangleAlert,
  Volume2,
  VolumeX,
} from 'lucide-react'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import type { CheckStatus, Severity } from '#lib/domain/watch/check-kinds.ts'
import type { AlertState } from '#lib/domain/watch-views.ts'

interface Look {
  tone: Tone
  icon: LucideIcon
  word: string
}

/** `unknown` is never the colour of success. */
export const checkLook = {
  critical: { tone: 'bad', icon: OctagonX, word: 'critical' },
  warning: { tone: 'warn', icon: TriangleAlert, word: 'warning' },
  unknown: { tone: 'none', icon: CircleHelp, word: 'unknown' },
  ok: { tone: 'ok', icon: CircleCheck, word: 'ok' },
} satisfies Record<CheckStatus, Look>

export const alertStateLook = {
  open: { tone: 'idle', icon: BellRing, word: 'open' },
  acknowledged: { tone: 'run', icon: Eye, word: 'acknowledged' },
  resolved: { tone: 'ok', icon: CircleCheck, word: 'resolved' },
} satisfies Record<AlertState, Look>

/** What becomes of an alert; an empty word: what it says is a whole sentence already. */
const eventLooks: Record<string, { icon: LucideIcon; tone: Tone; word: string }> = {
  opened: { icon: BellRing, tone: 'bad', word: 'Opened' },
  worsened: { icon: TrendingUp, tone: 'bad', word: 'Became critical' },
  eased: { icon: TrendingDown, tone: 'warn', word: 'Became a warning' },
  returned: { icon: RotateCcw, tone: 'warn', word: 'Came back' },
  resolved: { icon: CircleCheck, tone: 'ok', word: 'Over' },
  acknowledged: { icon: Eye, tone: 'run', word: 'Acknowledged' },
  silenced: { icon: VolumeX, tone: 'idle', word: 'Silenced' },
  unsilenced: { icon: Volume2, tone: 'idle', word: 'Silence ended' },
  escalated: { icon: Megaphone, tone: 'warn', word: 'Escalated' },
  told: { icon: Send, tone: 'idle', word: '' },
}

/** One that is not known here, because a newer worker wrote it, still has its own name. */
export function eventLook(kind: string): { icon: LucideIcon; tone: Tone; word: string } {
  return eventLooks[kind] ?? { icon: Check, tone: 'idle', word: kind }
}

function Badge({ look }: { look: Look }) {
  return (
    <Chip tone={look.tone} icon={look.icon}>
      {look.word}
    </Chip>
  )
}

export function CheckBadge({ status }: { status: CheckStatus }) {
  return <Badge look={checkLook[status]} />
}
/** Of one that is over it says what it was, without its colour. */
export function AlertSeverityBadge({ severity, over }: { severity: Severity; over: boolean }) {
  const look = checkLook[severity]
  return <Badge look={over ? { ...look, tone: 'idle', word: `was ${look.word}` } : look} />
}
export function AlertStateBadge({ state }: { state: AlertState }) {
  return <Badge look={alertStateLook[state]} />
}
