'use client'

import NextLink from 'next/link'
import { usePathname } from 'next/navigation'
import { classes } from '#components/ui/classes.ts'
import { OpenBadge } from '#components/watch/open-badge.tsx'
import type { WatchState } from '#lib/domain/watch-views.ts'
import { groups, isWithin, screens } from './screens.ts'

export function Navigation({ watch, onNavigate }: { watch: WatchState; onNavigate?: () => void }) {
  const pathname = usePathname()
  return (
    <nav aria-label="Screens" className="flex flex-col gap-0.5">
      {groups.map((group) => (
        <div key={group ?? 'top'} className="flex flex-col gap-0.5">
          {group && <p className="mx-2.5 mt-4 mb-1 text-[11px] font-semibold tracking-[0.02em] text-ink-3">{group}</p>}
          {screens
            .filter((screen) => screen.group === group)
            .map((screen) => {
              const here = isWithin(pathname, screen.href)
              return (
                <NextLink
                  key={screen.href}
                  href={screen.href}
                  aria-current={here ? 'page' : undefined}
                  {...(onNavigate ? { onClick: onNavigate } : {})}
                  className={classes(
                    'flex min-h-8 items-center rounded-md px-2.5 py-1.5 font-[500]',
                    here ? 'bg-accent-soft text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
                  )}
                >
                  {screen.label}
                  {screen.href === '/alerts' && <OpenBadge initial={watch} />}
                </NextLink>
              )
            })}
        </div>
      ))}
    </nav>
  )
}
