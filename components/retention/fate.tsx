import { Hourglass, ShieldCheck, Trash2 } from 'lucide-react'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import type { SimulatedBackup } from '#lib/domain/keeping-views.ts'

export type Action = SimulatedBackup['tried']['action']

export const actionLook = {
  keep: { tone: 'ok', icon: ShieldCheck, word: 'stays' },
  wait: { tone: 'idle', icon: Hourglass, word: 'waits' },
  delete: { tone: 'bad', icon: Trash2, word: 'goes' },
} satisfies Record<Action, { tone: Tone; icon: typeof Trash2; word: string }>

export function ActionBadge({ action }: { action: Action }) {
  const { tone, icon, word } = actionLook[action]
  return (
    <Chip tone={tone} icon={icon}>
      {word}
    </Chip>
  )
}
