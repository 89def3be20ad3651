import { type ReactNode, useId } from 'react'
import { classes } from './classes.ts'

/** A titled box. `say`: the finding in one sentence, below the title. `flush`: content reaches the edges (tables, lists). */
export function Panel(props: {
  title?: ReactNode
  aside?: ReactNode
  say?: ReactNode
  flush?: boolean
  children?: ReactNode
  className?: string
  id?: string
}) {
  const { title, aside, say, flush, children, className, id } = props
  const heading = useId()
  return (
    <section
      id={id}
      aria-labelledby={title ? heading : undefined}
      className={classes('min-w-0 rounded-[10px] border border-line bg-panel shadow-raise', className)}
    >
      {(title || aside) && (
        <header className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 pt-3.5 sm:px-[18px]">
          {title && (
            <h2 id={heading} className="m-0 min-w-0 text-base font-semibold [overflow-wrap:anywhere]">
              {title}
            </h2>
          )}
          {aside && <div className="text-sm text-ink-2">{aside}</div>}
        </header>
      )}
      {say && <p className="m-0 px-4 pt-0.5 text-ink-2 [overflow-wrap:anywhere] sm:px-[18px]">{say}</p>}
      <div className={flush ? classes('overflow-x-auto', (title || say) && 'pt-2') : 'px-4 py-3.5 sm:px-[18px]'}>{children}</div>
    </section>
  )
}
