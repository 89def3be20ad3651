'use client'

import { ShieldCheck } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { verifyBackups } from '#lib/client/mutations.ts'

interface Props {
  backupId: string
  restoreHref: string
  /** why not; null: may */
  deniedVerify: string | null
  deniedRestore: string | null
  /** the other points of its database, where this one cannot be read; null: it can */
  elsewhereHref: string | null
}

/** The acts on one backup; a verification that was started here is followed here. */
export function BackupActions({ backupId, restoreHref, deniedVerify, deniedRestore, elsewhereHref }: Props) {
  const router = useRouter()
  const [running, setRunning] = useState<string | null>(null)
  const verify = useStart(
    (key) => verifyBackups({ backupIds: [backupId] }, key),
    ({ operationIds }) => setRunning(operationIds[0] ?? null),
  )
  return (
    <div className="mb-5 flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        {deniedRestore === null ? (
          <LinkButton variant="primary" href={restoreHref}>
            Restore from it
          </LinkButton>
        ) : (
          <Button variant={elsewhereHref === null ? 'primary' : 'secondary'} reason={deniedRestore}>
            Restore from it
          </Button>
        )}
        {elsewhereHref !== null && (
          <LinkButton variant="primary" href={elsewhereHref}>
            Choose another point
          </LinkButton>
        )}
        <Button icon={<ShieldCheck aria-hidden />} reason={deniedVerify} pending={verify.pending} onPress={() => void verify.start()}>
          Verify now
        </Button>
      </div>
      <Refusal problem={verify.problem} />
      {running !== null && (
        <Panel title="Reading every stored byte again">
          <LiveOperation key={running} id={running} onEnd={() => router.refresh()} />
        </Panel>
      )}
    </div>
  )
}
