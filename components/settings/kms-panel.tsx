'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { setKms, stopKms } from '#lib/client/storing.ts'
import type { KeysView } from '#lib/domain/keeping-views.ts'

/** A key of AWS KMS that opens backups beside the master key. Its credentials are the workers’ own. */
export function KmsPanel({ kms, denied }: { kms: KeysView['kms']; denied: string | null }) {
  const [keyArn, setKeyArn] = useState(kms?.keyArn ?? '')
  const [region, setRegion] = useState(kms?.region ?? '')
  const [endpoint, setEndpoint] = useState(kms?.endpoint ?? '')
  const [stopping, setStopping] = useState(false)
  const refresh = useRefresh()
  const typed = { keyArn: keyArn.trim(), region: region.trim(), endpoint: endpoint.trim() === '' ? null : endpoint.trim() }
  const changed = JSON.stringify(typed) !== JSON.stringify(kms ?? { keyArn: '', region: '', endpoint: null })
  const reason =
    denied ?? (typed.keyArn === '' || typed.region === '' ? 'Give the key’s ARN and its region.' : changed ? null : 'Nothing was changed yet.')
  const save = useStart(
    (_key) => setKms(typed),
    () => {
      say('AWS KMS opens backups from now on', { detail: 'For those that exist, seal the keys anew.' })
      refresh()
    },
  )
  const fault = (field: string) => save.problem?.fields?.[field] ?? null
  return (
    <Panel
      title="AWS KMS"
      aside={kms === null ? 'not used' : 'in use'}
      say="Optional: one more way to open the backups, held by AWS. The workers reach it with the credentials of their own machine; none is stored here."
    >
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void save.start()
        }}
      >
        <div className="grid items-start gap-4 sm:grid-cols-6">
          <TextField
            label="ARN of the key"
            value={keyArn}
            onChange={setKeyArn}
            error={fault('keyArn')}
            mono
            placeholder="arn:aws:kms:eu-central-1:111122223333:key/…"
            className="sm:col-span-6"
          />
          <TextField
            label="Region"
            value={region}
            onChange={setRegion}
            error={fault('region')}
            mono
            placeholder="eu-central-1"
            className="sm:col-span-2"
          />
          <TextField
            label="Endpoint"
            value={endpoint}
            onChange={setEndpoint}
            error={fault('endpoint')}
            mono
            optional
            className="sm:col-span-4"
            help="Leave empty for AWS’s own."
          />
        </div>
        <Refusal problem={save.problem} />
        <div className="flex flex-wrap justify-end gap-2">
          {kms !== null && (
            <Button variant="plain" reason={denied} onPress={() => setStopping(true)}>
              Stop using AWS KMS
            </Button>
          )}
          <Button type="submit" reason={reason} pending={save.pending}>
            {kms === null ? 'Use this key' : 'Change the key'}
          </Button>
        </div>
      </Form>
      <AlertDialog
        isOpen={stopping}
        onOpenChange={setStopping}
        title="Stop using AWS KMS?"
        confirm="Stop using AWS KMS"
        cancel="Go on using it"
        onConfirm={async () => {
          await stopKms()
          setKeyArn('')
          setRegion('')
          setEndpoint('')
          say('AWS KMS is no longer used for new backups')
          refresh()
        }}
      >
        <p className="m-0">
          New backups no longer open with it. What it opens now it goes on opening until the keys are sealed anew and the old key objects are removed.
        </p>
      </AlertDialog>
    </Panel>
  )
}
