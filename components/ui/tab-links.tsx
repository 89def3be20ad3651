'use client'

import NextLink from 'next/link'
import { type ReactNode, useEffect, useRef } from 'react'
import { classes } from './classes.ts'

/** Tabs that are places: each has its own address, so back works. `current` is the value of the open one. */
export function TabLinks({
  label,
  current,
  tabs,
}: {
  label: string
  current: string
  tabs: readonly { value: string; href: string; label: ReactNode }[]
}) {
  const bar = useRef<HTMLElement>(null)
  // on a phone the open one may lie outside of the bar; only the bar moves, never the page
  useEffect(() => {
    const open = bar.current?.querySelector<HTMLElement>('[aria-current]')
    if (open && bar.current) bar.current.scrollLeft = open.offsetLeft - (bar.current.clientWidth - open.offsetWidth) / 2
  }, [current])
  return (
    <nav ref={bar} aria-label={label} className="relative flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map((tab) => (
        <NextLink
          key={tab.value}
          href={tab.href}
          scroll={false}
          aria-current={tab.value === current ? 'page' : undefined}
          className={classes(
            '-mb-px min-h-8 border-b-2 px-3 py-2 font-[550] max-sm:px-2 whitespace-nowrap',
            tab.value === current ? 'border-accent text-ink' : 'border-transparent text-ink-2 hover:text-ink',
          )}
        >
          {tab.label}
        </NextLink>
      ))}
    </nav>
  )
}
