'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'

/** Copies `text`. `what` completes the name: `Copy the backup id`. Says so in a live region. */
export function CopyButton({ text, what, children }: { text: string; what: string; children?: string }) {
  const [said, setSaid] = useState('')
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      setSaid('The browser did not allow copying')
    }
    setTimeout(() => setSaid(''), 2500)
  }
  return (
    <span className="above inline-flex items-center">
      <Button
        size="small"
        variant="plain"
        label={`Copy ${what}`}
        onPress={() => void copy()}
        icon={said === 'Copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
      >
        {children}
      </Button>
      <span role="status" className={said ? 'text-xs text-ink-2' : 'sr-only'}>
        {said}
      </span>
    </span>
  )
}

/** A command or name in monospace with its copy button; long ones wrap. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <span className="flex items-start justify-between gap-2 rounded-md border border-line bg-panel-2 py-1 pr-1 pl-2.5">
      <code className="min-w-0 py-1 font-mono text-[12.5px] [overflow-wrap:anywhere]">{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  )
}
