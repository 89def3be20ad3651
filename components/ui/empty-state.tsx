import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** An empty screen: why there is nothing, and the one step that changes it. */
export function EmptyState({ icon: Icon, title, children, action }: { icon?: LucideIcon; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-2 px-5 py-8 sm:px-8 sm:py-10">
      {Icon && <Icon aria-hidden className="mb-1 size-6 text-ink-3" strokeWidth={1.7} />}
      <h2 className="m-0 text-lg font-semibold">{title}</h2>
      <div className="max-w-[60ch] text-ink-2">{children}</div>
      {action && <div className="mt-2 flex flex-wrap gap-2">{action}</div>}
    </div>
  )
}
