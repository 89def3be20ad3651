import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** none: nothing is known or nothing happened; never the colour of success. */
export type Tone = 'ok' | 'warn' | 'bad' | 'run' | 'idle' | 'none'

const tones = {
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  run: 'bg-run-soft text-run',
  idle: 'bg-hover text-ink-2',
  none: 'border border-dashed border-line-2 text-ink-3',
} satisfies Record<Tone, string>

/** For a chip that holds a name of any length: it wraps inside its parent. */
export const wrappingChip = 'max-w-full rounded-[10px]! whitespace-normal! [overflow-wrap:anywhere]'

/** A word with an icon and a colour. The icon is never left out for states: colour alone tells nothing. */
export function Chip({ tone, icon: Icon, children, className }: { tone: Tone; icon?: LucideIcon; children: ReactNode; className?: string }) {
  return (
    <span
      className={classes(
        'inline-flex items-center gap-1.5 rounded-full py-0.5 pr-2.25 pl-1.75 text-[12.5px] leading-[19px] font-[550] whitespace-nowrap',
        tones[tone],
        className,
      )}
    >
      {Icon && <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2.4} />}
      {children}
    </span>
  )
}

export const toneText = {
  ok: 'text-ok',
  warn: 'text-warn',
  bad: 'text-bad',
  run: 'text-run',
  idle: 'text-ink-2',
  none: 'text-ink-3',
} satisfies Record<Tone, string>
