'use client'

import { useEffect } from 'react'

/**
 * The document's title, with the state in it: a tab in the background says how it goes. Next writes its own title whenever its metadata
 * arrives, which may be after this ran, so ours is put back.
 */
export function usePageTitle(title: string): void {
  useEffect(() => {
    const wanted = `${title} · Lifeboat`
    const set = () => {
      if (document.title !== wanted) document.title = wanted
    }
    set()
    const observer = new MutationObserver(set)
    observer.observe(document.head, { childList: true, subtree: true, characterData: true })
    return () => observer.disconnect()
  }, [title])
}
