'use client'

import { useRefresh } from '#components/follow/use-refresh.ts'
import { OverwriteDialog } from '#components/restore/overwrite-dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { retireKey } from '#lib/client/storing.ts'
import type { KeyView } from '#lib/domain/keeping-views.ts'
import { formatCount } from '#lib/domain/units.ts'

/** An older key is given up when nothing needs it any more. Mounted while it is open. */
export function RetireKey({ retired, onClose }: { retired: KeyView; onClose: () => void }) {
  const refresh = useRefresh()
  return (
    <OverwriteDialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={`Retire the key ${retired.id}?`}
      target={retired.id}
      confirm="Retire the key"
      start={async () => {
        await retireKey(retired.id)
        say(`The key ${retired.id} is retired`, { detail: 'Its file may be destroyed now, on every machine that has it.' })
        refresh()
      }}
    >
      <p className="m-0">
        Every copy opens with a newer key. Lifeboat stops asking workers for this one; its file stays where it is until you destroy it, in keys/older
        on each machine.
        {retired.locked > 0 &&
          ` ${formatCount(retired.locked, 'copy stays', 'copies stay')} readable with it all the same until the lock has passed: the small key object beside them cannot be removed before.`}
      </p>
    </OverwriteDialog>
  )
}
