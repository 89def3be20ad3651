import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** The steps of a wizard. `now` is the index of the open one. Phones show its name only, and the others as marks. */
export function Steps({ label, steps, now }: { label: string; steps: readonly ReactNode[]; now: number }) {
  return (
    <ol aria-label={label} className="m-0 mt-4 mb-5 flex list-none gap-0 overflow-x-auto p-0">
      {steps.map((step, index) => (
        <li
          key={index}
          aria-current={index === now ? 'step' : undefined}
          className={classes(
            'flex-1 border-t-2 pt-2 pr-3 text-sm font-[550] whitespace-nowrap sm:min-w-fit',
            index <= now ? 'border-accent' : 'border-line-2',
            index === now ? 'min-w-fit text-ink' : index < now ? 'text-ink-2' : 'text-ink-3',
          )}
        >
          {index < now && <span className="sr-only">done: </span>}
          {index === now && (
            <span className="sm:hidden">
              {index + 1} of {steps.length}:{' '}
            </span>
          )}
          <span className={index === now ? undefined : 'max-sm:hidden'}>{step}</span>
        </li>
      ))}
    </ol>
  )
}
