import type { ReactNode } from 'react'
import { Link } from './link.tsx'

/** The head of a page: one h1, a sentence, the acts. `up`: the list this belongs to. */
export function PageHeader({
  title,
  children,
  actions,
  up,
  badge,
}: {
  title: ReactNode
  children?: ReactNode
  actions?: ReactNode
  up?: { href: string; label: string }
  badge?: ReactNode
}) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      {/* a long title wraps beside its buttons rather than pushing them down; on a phone they stand below it */}
      <div className="min-w-0 max-w-full grow basis-[320px]">
        {up && (
          <p className="m-0 mb-1 text-sm">
            <Link href={up.href}>{up.label}</Link>
          </p>
        )}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="m-0 text-[19px] leading-[1.25] sm:text-[22px] font-semibold tracking-[-0.015em] [overflow-wrap:anywhere]">{title}</h1>
          {badge}
        </div>
        {children && <div className="mt-1 max-w-[75ch] text-ink-2 [overflow-wrap:anywhere]">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2 sm:shrink-0">{actions}</div>}
    </header>
  )
}
