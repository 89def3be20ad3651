'use client'

import { ShieldCheck, X } from 'lucide-react'
import { useState } from 'react'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { verifyBackups } from '#lib/client/mutations.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { BackupView } from '#lib/domain/views.ts'

const shownAtMost = 5

interface Props {
  chosen: BackupView[]
  /** why this person may not verify; null: may */
  denied: string | null
  onStarted: () => void
}

/** Reads every byte of the chosen backups again, and shows each verification as it runs. */
export function BulkVerify({ chosen, denied, onStarted }: Props) {
  const [running, setRunning] = useState<string[]>([])
  const verify = useStart(
    (key) => verifyBackups({ backupIds: chosen.map((one) => one.id) }, key),
    ({ operationIds }) => {
      setRunning(operationIds)
      onStarted()
    },
  )
  const reason = denied ?? (chosen.length === 0 ? 'Choose backups in the list first.' : null)

  return (
    <div className="mb-4 flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Button icon={<ShieldCheck aria-hidden />} reason={reason} pending={verify.pending} onPress={() => void verify.start()}>
          {chosen.length === 0 ? 'Verify' : `Verify ${formatCount(chosen.length, 'backup')}`}
        </Button>
        <span role="status" className="text-sm text-ink-2">
          {chosen.length === 0 ? 'Verifying reads back every byte of every copy.' : `${formatCount(chosen.length, 'backup')} chosen`}
        </span>
      </div>
      <Refusal problem={verify.problem} />
      {running.length > 0 && (
        <Panel
          title={`Verifying ${formatCount(running.length, 'backup')}`}
          aside={
            <Button size="small" variant="plain" label="Hide the verifications" icon={<X aria-hidden />} onPress={() => setRunning([])}>
              Hide
            </Button>
          }
        >
          <div className="flex flex-col gap-4">
            {running.slice(0, shownAtMost).map((id) => (
              <LiveOperation key={id} id={id} />
            ))}
            {running.length > shownAtMost && (
              <p className="m-0 text-ink-2">
                and {running.length - shownAtMost} more under <Link href="/operations?kind=verify">Operations</Link>
              </p>
            )}
          </div>
        </Panel>
      )}
    </div>
  )
}
