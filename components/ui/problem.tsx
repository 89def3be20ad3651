import { CircleCheck, OctagonX, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from './classes.ts'
import { CopyButton } from './copy-button.tsx'

const tones = {
  bad: { box: 'border-bad/40 bg-bad-soft', ink: 'text-bad', icon: OctagonX },
  warn: { box: 'border-warn-mark/50 bg-warn-soft', ink: 'text-warn', icon: TriangleAlert },
  ok: { box: 'border-ok/40 bg-ok-soft', ink: 'text-ok', icon: CircleCheck },
}

/** What happened, what is safe, what to do, and an id to copy. `alert`: it appears after the page was painted, and is read aloud. */
export function Problem(props: {
  title: ReactNode
  children?: ReactNode
  id?: string | null
  tone?: keyof typeof tones
  action?: ReactNode
  alert?: boolean
}) {
  const { title, children, id, tone = 'bad', action, alert } = props
  const { box, ink, icon: Icon } = tones[tone]
  return (
    <div role={alert ? 'alert' : undefined} className={classes('flex items-start gap-3 rounded-[10px] border px-4 py-3', box)}>
      <Icon aria-hidden className={classes('mt-0.5 size-4.5 shrink-0', ink)} />
      <div className="min-w-0 grow">
        <p className="m-0 font-semibold [overflow-wrap:anywhere]">{title}</p>
        {children && <div className="text-ink-2 [overflow-wrap:anywhere]">{children}</div>}
        {id && (
          <p className="m-0 mt-1 flex items-center gap-1 text-sm text-ink-2">
            <code className="min-w-0 font-mono text-xs break-all">{id}</code>
            <CopyButton text={id} what="the id" />
          </p>
        )}
        {action && <div className="mt-2 flex flex-wrap gap-2">{action}</div>}
      </div>
    </div>
  )
}
