import type { ReactNode } from 'react'
import { ConsoleShell } from '#components/shell/console-shell.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'
import { listWorkers } from '#lib/catalog/views/workers.ts'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const actor = await requireActor()
  const [workers, watch] = await Promise.all([listWorkers(catalog(), actor), readWatch(catalog(), actor)])
  return (
    <ConsoleShell person={{ name: actor.displayName, role: actor.role }} workers={workers} watch={watch}>
      {children}
    </ConsoleShell>
  )
}
