'use client'

import { Meter, ProgressBar as AriaProgressBar } from 'react-aria-components'
import { classes } from './classes.ts'

/** How far an act is. `share` from 0 to 1; null: not known, and the bar says so by moving. `label` names the act. */
export function ProgressBar({ label, share, tone = 'run' }: { label: string; share: number | null; tone?: 'run' | 'warn' }) {
  const percent = share === null ? 0 : Math.min(100, Math.max(0, share * 100))
  return (
    <AriaProgressBar aria-label={label} value={percent} isIndeterminate={share === null} className="block">
      <span className="block h-1.5 overflow-hidden rounded-[3px] bg-line">
        <span
          className={classes(
            'block h-full rounded-[3px] transition-[width] duration-500',
            tone === 'warn' ? 'bg-warn-mark' : 'bg-run',
            // where nothing may move, a third of a bar would look like a third done
            share === null &&
              'w-1/3 animate-[pass_1.8s_ease-in-out_infinite] motion-reduce:w-full motion-reduce:animate-none motion-reduce:opacity-40',
          )}
          style={share === null ? undefined : { width: `${percent}%` }}
        />
      </span>
    </AriaProgressBar>
  )
}

/** How full something is. `share` from 0 to 1. */
export function UseBar({ label, share, tone = 'idle' }: { label: string; share: number; tone?: 'idle' | 'warn' | 'bad' }) {
  const percent = Math.min(100, Math.max(0, share * 100))
  return (
    <Meter aria-label={label} value={percent} className="block">
      <span className="block h-1.5 overflow-hidden rounded-[3px] bg-line">
        <span
          className={classes('block h-full rounded-[3px]', { idle: 'bg-idle', warn: 'bg-warn-mark', bad: 'bg-bad' }[tone])}
          style={{ width: `${percent}%` }}
        />
      </span>
    </Meter>
  )
}
