'use client'

import { useEffect } from 'react'

/** The document's title, with the state in it: a tab in the background says how it goes. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Lifeboat`
  }, [title])
}
