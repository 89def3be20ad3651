import type { ReactNode } from 'react'

/** The row of buttons below a step: Back first, the next step last. */
export function StepActions({ children }: { children: ReactNode }) {
  return <div className="mt-4 flex flex-wrap justify-end gap-2">{children}</div>
}
