import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** The steps of a wizard. `now` is the index of the open one. */
export function Steps({ label, steps, now }: { label: string; steps: readonly ReactNode[]; now: number }) {
  return (
    <ol aria-label={label} className="m-0 mt-4 mb-5 flex list-none gap-0 overflow-x-auto p-0">
      {steps.map((step, index) => (
        <li
          key={index}
          aria-current={index === now ? 'step' : undefined}
          className={classes(
            'min-w-fit flex-1 border-t-2 pt-2 pr-3 text-sm font-[550] whitespace-nowrap',
            index <= now ? 'border-accent' : 'border-line-2',
            index === now ? 'text-ink' : index < now ? 'text-ink-2' : 'text-ink-3 max-sm:hidden',
          )}
        >
          {index < now && <span className="sr-only">done: </span>}
          {step}
        </li>
      ))}
    </ol>
  )
}
