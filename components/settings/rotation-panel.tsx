'use client'

import { useState } from 'react'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { KeysView } from '#lib/domain/keeping-views.ts'
import { formatCount } from '#lib/domain/units.ts'
import { SealAnew } from './seal-anew.tsx'

/** A new master key, step by step, and how far sealing anew has come. Only the small key objects are written; data never is. */
export function RotationPanel({ keys, denied }: { keys: KeysView; denied: string | null }) {
  const [asking, setAsking] = useState(false)
  const [started, setStarted] = useState<string[]>([])
  const [skipped, setSkipped] = useState<{ storage: string; reason: string }[]>([])
  const refresh = useRefresh()
  const { toRewrap } = keys
  const running = started.length > 0 ? started : keys.rewrap === null ? [] : [keys.rewrap.operationId]
  return (
    <Panel
      title="Rotation"
      say={
        toRewrap === 0
          ? 'Every readable copy opens with the keys in force.'
          : `${formatCount(toRewrap, 'copy does', 'copies do')} not open with all keys in force yet. Sealing anew adds one small object beside each; it can be broken off and goes on where it stopped.`
      }
    >
      <ol className="m-0 flex list-decimal flex-col gap-3 pl-5">
        <li>
          Make a new master key, on the machine of one worker. The old one is kept there and goes on opening.
          <div className="mt-1 max-w-[560px]">
            <CopyLine text="lifeboat key rotate" what="the command that makes a new master key" />
          </div>
        </li>
        <li>
          Bring the key’s files to every other worker’s machine, and start the workers there anew. Until then only the first can seal new backups.
        </li>
        <li>
          Print a new <Link href="/settings?part=recovery-key">recovery sheet</Link> if the old one may have been seen. That is a key of its own.
        </li>
        <li>
          Seal the keys of the backups that exist anew. Copies under a lock stay readable with the old key as well until their lock has passed.
          <div className="mt-2">
            <Button
              variant={toRewrap > 0 ? 'primary' : 'secondary'}
              reason={denied ?? (running.length > 0 && keys.rewrap !== null ? 'It is under way.' : null)}
              onPress={() => setAsking(true)}
            >
              Seal the keys anew
            </Button>
          </div>
        </li>
        <li>Retire the old key above when nothing needs it any more, and destroy its file.</li>
      </ol>
      {skipped.length > 0 && (
        <ul className="m-0 mt-3 list-disc pl-5 text-warn" aria-label="Storages that were left out">
          {skipped.map((one) => (
            <li key={one.storage}>
              {one.storage}: {one.reason}
            </li>
          ))}
        </ul>
      )}
      {running.length > 0 && (
        <div className="mt-4 flex flex-col gap-4 border-t border-line pt-3.5">
          {running.map((id) => (
            <LiveOperation key={id} id={id} onEnd={refresh} />
          ))}
        </div>
      )}
      {asking && (
        <SealAnew
          onClose={() => setAsking(false)}
          onStarted={(answer) => {
            setStarted(answer.operations.map((one) => one.id))
            setSkipped(answer.skipped)
          }}
        />
      )}
    </Panel>
  )
}
