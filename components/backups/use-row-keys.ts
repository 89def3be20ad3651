'use client'

import { useEffect } from 'react'

/**
 * `j` and `k` move the focus from row to row, `x` chooses the row in focus. `selector` finds the wrapper of each row's link.
 * Off where single-letter shortcuts are turned off, and while something is typed or a dialog is open.
 */
export function useRowKeys(selector: string, onChoose: (wrapper: HTMLElement) => void): void {
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (!['j', 'k', 'x'].includes(event.key) || event.metaKey || event.ctrlKey || event.altKey) return
      if (localStorage.getItem('lifeboat.shortcuts') === 'off' || document.querySelector('[role=dialog],[role=alertdialog]')) return
      const target = event.target
      if (target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) && target.getAttribute('type') !== 'checkbox')
        return
      const rows = [...document.querySelectorAll<HTMLElement>(selector)]
      const active = document.activeElement
      const at = rows.findIndex((row) => row.contains(active) || (active !== null && row.closest('tr')?.contains(active)))
      if (event.key === 'x') {
        const row = rows[at]
        if (row) onChoose(row)
        return
      }
      const next = rows[event.key === 'j' ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)]
      next?.querySelector('a')?.focus()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [selector, onChoose])
}
