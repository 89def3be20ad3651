'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { screens } from './screens.ts'

const stored = 'lifeboat.shortcuts'

function areOn(): boolean {
  return localStorage.getItem(stored) !== 'off'
}

/** True while the person types, or a dialog is open: then a letter is a letter. */
function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role=dialog],[role=alertdialog]')) return true
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

/** `?` lists the shortcuts, `g` then a letter goes to a screen, `/` and ⌘K open the palette. Single letters can be turned off (WCAG 2.1.4). */
export function Shortcuts({ onPalette }: { onPalette: () => void }) {
  const router = useRouter()
  const [listed, setListed] = useState(false)
  const [on, setOn] = useState(true)
  const waiting = useRef(0)

  useEffect(() => setOn(areOn()), [])

  useEffect(() => {
    function press(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        onPalette()
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isBusy(event.target)) return
      if (event.key === '?') {
        setListed(true)
        return
      }
      if (!areOn()) return
      if (event.key === '/') {
        event.preventDefault()
        onPalette()
      } else if (event.key === 'g') {
        waiting.current = event.timeStamp
      } else if (waiting.current > 0 && event.timeStamp - waiting.current < 1500) {
        waiting.current = 0
        const screen = screens.find((one) => one.letter === event.key)
        if (screen) router.push(screen.href)
      }
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [router, onPalette])

  return (
    <Dialog isOpen={listed} onOpenChange={setListed} title="Keyboard shortcuts">
      <dl className="m-0 grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-1.5">
        <Row keys={['⌘ K', 'Ctrl K', '/']} does="Find a database, backup, operation or action" />
        {screens.map((screen) => (
          <Row key={screen.href} keys={[`g ${screen.letter}`]} does={`Go to ${screen.label}`} />
        ))}
        <Row keys={['j', 'k']} does="Next and previous row, in the list of backups" />
        <Row keys={['x']} does="Choose the row in focus" />
        <Row keys={['?']} does="Show this list" />
        <Row keys={['Esc']} does="Close what is open" />
      </dl>
      <Checkbox
        checked={on}
        onChange={(checked) => {
          localStorage.setItem(stored, checked ? 'on' : 'off')
          setOn(checked)
        }}
      >
        Single-letter shortcuts are on, in this browser
      </Checkbox>
      <DialogActions>
        <Button onPress={() => setListed(false)}>Close</Button>
      </DialogActions>
    </Dialog>
  )
}

function Row({ keys, does }: { keys: string[]; does: string }) {
  return (
    <>
      <dt className="flex gap-1.5">
        {keys.map((key) => (
          <kbd key={key} className="rounded border border-line-2 bg-panel-2 px-1.5 font-sans text-xs text-ink-2">
            {key}
          </kbd>
        ))}
      </dt>
      <dd className="m-0">{does}</dd>
    </>
  )
}
