'use client'

import type { ReactNode } from 'react'
import { Tooltip } from 'react-aria-components'

/** The bubble of a RAC TooltipTrigger. */
export function TooltipBubble({ children }: { children: ReactNode }) {
  return (
    <Tooltip offset={6} className="z-50 max-w-80 rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm text-ink shadow-float">
      {children}
    </Tooltip>
  )
}
