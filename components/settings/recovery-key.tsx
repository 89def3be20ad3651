'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleCheck, CircleDashed, KeyRound, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import { ApiError, type Problem as ProblemDocument } from '#lib/client/api.ts'
import { saveRecoveryKey } from '#lib/client/mutations.ts'
import { recoveryKeyQuery } from '#lib/client/queries.ts'
import { makeRecoveryKeyPair, type RecoveryKeyPair } from '#lib/client/recovery-key-pair.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { RecoveryKeyView, RecoverySheetView } from '#lib/domain/views.ts'
import { ConfirmRecoveryKey } from './confirm-recovery-key.tsx'
import { RecoverySheet } from './recovery-sheet.tsx'

const words = {
  none: { tone: 'warn', icon: TriangleAlert, word: 'there is none' },
  made: { tone: 'warn', icon: CircleDashed, word: 'made, not confirmed as saved' },
  confirmed: { tone: 'ok', icon: CircleCheck, word: 'confirmed as saved' },
} as const satisfies Record<RecoveryKeyView['state'], unknown>

/** Make → print the sheet → type its check code back. The private half lives in this component's memory only, until the page is left. */
export function RecoveryKey({ recoveryKey: first, sheet, role }: { recoveryKey: RecoveryKeyView; sheet: RecoverySheetView; role: Role }) {
  const queryClient = useQueryClient()
  const { data: key } = useQuery({ ...recoveryKeyQuery(), initialData: first })
  const [pair, setPair] = useState<RecoveryKeyPair | null>(null)
  const [making, setMaking] = useState(false)
  const [replacing, setReplacing] = useState(false)
  const [problem, setProblem] = useState<ProblemDocument | null>(null)
  usePageTitle(`Recovery key: ${words[key.state].word}`)
  const denied = allows(role, 'key.manage') ? null : reasonDenied('key.manage')
  const look = words[key.state]

  async function make() {
    if (making) return
    setMaking(true)
    setProblem(null)
    try {
      const made = await makeRecoveryKeyPair()
      const saved = await saveRecoveryKey({ publicPem: made.publicPem, checkSha256: made.checkSha256 })
      queryClient.setQueryData(recoveryKeyQuery().queryKey, saved)
      setPair(made)
    } catch (error) {
      setProblem(error instanceof ApiError ? error.problem : insecure)
    } finally {
      setMaking(false)
    }
  }

  return (
    <div className="flex max-w-[860px] flex-col gap-[18px]">
      <div className="no-print">
        <Panel
          title="Recovery key"
          aside={
            <Chip tone={look.tone} icon={look.icon}>
              {look.word}
            </Chip>
          }
          say="Opens every backup made from now on when this machine and its keys are gone. It is made in your browser, shown once, and never stored: keep it on paper, somewhere else."
        >
          {key.state !== 'none' && (
            <Facts
              items={[
                { term: 'Key id', value: <code className="font-mono text-[12.5px]">{key.keyId}</code> },
                { term: 'Made', value: <Time at={key.createdAt} /> },
                { term: 'Confirmed', value: <Time at={key.confirmedAt} never="not yet" /> },
              ]}
            />
          )}
          <div className="mt-3 flex flex-wrap gap-2">
            <Button
              variant={key.state === 'none' ? 'primary' : 'secondary'}
              icon={<KeyRound aria-hidden />}
              pending={making}
              reason={denied}
              onPress={() => (key.state === 'none' ? void make() : setReplacing(true))}
            >
              {key.state === 'none' ? 'Make the recovery key' : 'Make a new recovery key'}
            </Button>
          </div>
          {problem && (
            <div className="mt-3">
              <Problem alert title={problem.title} id={problem.requestId}>
                {problem.remedy}
              </Problem>
            </div>
          )}
        </Panel>
      </div>
      {pair && <RecoverySheet pair={pair} sheet={sheet} />}
      {key.state === 'made' && denied === null && (
        <div className="no-print">
          <ConfirmRecoveryKey shown={pair !== null} onConfirmed={() => setPair(null)} />
        </div>
      )}
      <AlertDialog
        isOpen={replacing}
        onOpenChange={setReplacing}
        title="Make a new recovery key?"
        confirm="Make a new recovery key"
        cancel="Keep the present one"
        variant="primary"
        onConfirm={make}
      >
        <p className="m-0">
          Backups made from now on open with the new key only. Keep the present sheet as well: the backups made until now open with it, or with the
          key on this machine.
        </p>
      </AlertDialog>
    </div>
  )
}

const insecure: ProblemDocument = {
  status: 0,
  code: 'refused',
  title: 'This browser cannot make a key at this address.',
  remedy: 'Browsers make keys only over https, or on the machine itself (http://localhost). Open the console that way. Nothing was changed.',
  requestId: null,
}
