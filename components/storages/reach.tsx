import { CircleHelp, Disc3, Plug, Unplug } from 'lucide-react'
import { Chip } from '#components/ui/chip.tsx'
import type { StorageView } from '#lib/domain/views.ts'

/** Is it there? A medium that may be absent is not at fault while it is. */
export function Reach({ storage }: { storage: Pick<StorageView, 'reachable' | 'medium'> }) {
  if (storage.reachable === null) {
    return (
      <Chip tone="none" icon={CircleHelp}>
        not checked yet
      </Chip>
    )
  }
  if (storage.reachable) {
    return (
      <Chip tone="ok" icon={Plug}>
        reachable
      </Chip>
    )
  }
  return storage.medium === 'offline' ? (
    <Chip tone="idle" icon={Disc3}>
      offline
    </Chip>
  ) : (
    <Chip tone="bad" icon={Unplug}>
      not usable
    </Chip>
  )
}
