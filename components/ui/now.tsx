'use client'

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'

const NowContext = createContext<number | null>(null)

/**
 * The server's clock, in milliseconds, for every relative time on the page: the first paint equals the server's, and a browser
 * whose clock is wrong still shows right ages. Ticks every 5 s while the page is visible.
 */
export function NowProvider({ serverNow, children }: { serverNow: number; children: ReactNode }) {
  const [now, setNow] = useState(serverNow)
  const first = useRef(true)
  useEffect(() => {
    // the server said it when its answer began to arrive; on a slow line this code runs seconds later
    const navigation = performance.getEntriesByType('navigation')[0]
    const heard = first.current && navigation instanceof PerformanceNavigationTiming ? performance.timeOrigin + navigation.responseStart : Date.now()
    first.current = false
    const ahead = serverNow - heard
    const tick = () => {
      if (document.visibilityState === 'visible') setNow(Date.now() + ahead)
    }
    const timer = setInterval(tick, 5000)
    document.addEventListener('visibilitychange', tick)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tick)
    }
  }, [serverNow])
  return <NowContext value={now}>{children}</NowContext>
}

/** Milliseconds since 1970, by the server's clock. */
export function useNow(): number {
  const now = useContext(NowContext)
  if (now === null) throw new Error('useNow needs a NowProvider above it')
  return now
}
