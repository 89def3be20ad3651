'use client'

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { CheckReport } from '#components/follow/check-report.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { Time } from '#components/ui/time.tsx'
import { say } from '#components/ui/toaster.tsx'
import { heartbeatQuery } from '#lib/client/queries.ts'
import { removeHeartbeat, setHeartbeat, testHeartbeat } from '#lib/client/telling.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatDuration } from '#lib/domain/units.ts'
import { heartbeatOverdueMs } from '#lib/domain/watch/heartbeat.ts'
import type { HeartbeatView } from '#lib/domain/watch-views.ts'

/** The dead man's switch: a service outside that hears of Lifeboat, and calls when it hears nothing. */
export function OutboundHeartbeat({ heartbeat: first, role }: { heartbeat: HeartbeatView | null; role: Role }) {
  const { data: heartbeat } = useQuery({ ...heartbeatQuery(), initialData: first })
  const denied = allows(role, 'watch.write') ? null : reasonDenied('watch.write')
  usePageTitle('Outbound heartbeat · Settings')
  return (
    <div className="flex flex-col gap-[18px]">
      {heartbeat !== null && <Sent heartbeat={heartbeat} denied={denied} />}
      <Panel
        title={heartbeat === null ? 'Nobody outside notices when Lifeboat itself is down' : 'Change it'}
        say="Choose any service that waits for a regular call and alarms when it does not come. A worker calls it after each healthy cycle: every check was made, and what they saw reaches people. If that stops, so do the calls."
      >
        <HeartbeatForm key={heartbeat?.host ?? ''} heartbeat={heartbeat} denied={denied} />
      </Panel>
    </div>
  )
}

function Sent({ heartbeat, denied }: { heartbeat: HeartbeatView; denied: string | null }) {
  const [tested, setTested] = useState<string | null>(null)
  const [stopping, setStopping] = useState(false)
  const now = useNow()
  const refresh = useRefresh()
  const test = useStart(
    (key) => testHeartbeat(key),
    ({ operationId }) => setTested(operationId),
  )
  const title =
    heartbeat.withheld !== null
      ? `${heartbeat.host} hears nothing now, on purpose`
      : heartbeat.failingSince !== null
        ? `${heartbeat.host} does not take the call`
        : heartbeat.lastOkAt === null
          ? `${heartbeat.host} has heard nothing yet`
          : now - Date.parse(heartbeat.lastOkAt) > heartbeatOverdueMs(heartbeat)
            ? `${heartbeat.host} hears nothing any more: no worker calls it`
            : `${heartbeat.host} hears of Lifeboat`
  return (
    <Panel title={title} say={heartbeat.withheld ?? heartbeat.problem ?? undefined}>
      <Facts
        columns={2}
        items={[
          { term: 'Last call that arrived', value: <Time at={heartbeat.lastOkAt} /> },
          { term: 'Last tried', value: <Time at={heartbeat.lastTriedAt} /> },
          ...(heartbeat.failingSince === null ? [] : [{ term: 'Fails since', value: <Time at={heartbeat.failingSince} as="utc" /> }]),
          { term: 'Every', value: formatDuration(heartbeat.everySeconds) },
          { term: 'While a critical alert is open', value: heartbeat.silentWhileCritical ? 'silent' : 'goes on' },
        ]}
      />
      <div className="mt-3 flex flex-wrap gap-2">
        <Button reason={denied} pending={test.pending} onPress={() => void test.start()}>
          Test
        </Button>
        <Button variant="plain" reason={denied} onPress={() => setStopping(true)}>
          Remove
        </Button>
      </div>
      <Refusal problem={test.problem} />
      {tested !== null && (
        <div className="mt-3">
          <CheckReport id={tested} subject={heartbeat.host} onEnd={refresh} />
        </div>
      )}
      <AlertDialog
        isOpen={stopping}
        onOpenChange={setStopping}
        title={`Call ${heartbeat.host} no more?`}
        confirm="Remove the heartbeat"
        onConfirm={async () => {
          await removeHeartbeat()
          say('No service hears of Lifeboat any more')
          refresh()
        }}
      >
        <p className="m-0">
          Switch its alarm off over there first: it calls when it hears nothing. Afterwards nobody outside notices when Lifeboat is down.
        </p>
      </AlertDialog>
    </Panel>
  )
}

function HeartbeatForm({ heartbeat, denied }: { heartbeat: HeartbeatView | null; denied: string | null }) {
  const [url, setUrl] = useState('')
  const [minutes, setMinutes] = useState(String((heartbeat?.everySeconds ?? 300) / 60))
  const [silent, setSilent] = useState(heartbeat?.silentWhileCritical ?? false)
  const [consented, setConsented] = useState(heartbeat?.privateAllowed ?? false)
  const refresh = useRefresh()
  const everySeconds = Math.round(Number(minutes.replace(',', '.')) * 60)
  const unchanged =
    url.trim() === '' &&
    heartbeat !== null &&
    everySeconds === heartbeat.everySeconds &&
    silent === heartbeat.silentWhileCritical &&
    consented === heartbeat.privateAllowed
  const reason =
    denied ??
    (heartbeat === null && url.trim() === '' ? 'Give the address that the service gave you.' : null) ??
    (Number.isInteger(everySeconds) && everySeconds >= 60 && everySeconds <= 3_600 ? null : 'From 1 to 60 minutes.') ??
    (unchanged ? 'Nothing was changed yet.' : null)
  const save = useStart(
    (_key) =>
      setHeartbeat({ ...(url.trim() === '' ? {} : { url: url.trim() }), everySeconds, privateAllowed: consented, silentWhileCritical: silent }),
    () => {
      setUrl('')
      say('The heartbeat was saved', { detail: 'Press its test button: the true answer is shown.' })
      refresh()
    },
  )
  const fault = (field: string) => save.problem?.fields?.[field] ?? null
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === null) void save.start()
      }}
    >
      <div className="grid items-start gap-4 sm:grid-cols-4">
        <TextField
          label={heartbeat === null ? 'Address' : 'New address'}
          className="sm:col-span-3"
          value={url}
          onChange={setUrl}
          error={fault('url')}
          mono
          autoComplete="off"
          optional={heartbeat !== null}
          placeholder="https://heartbeat.example.com/ping/…"
          help={
            heartbeat === null
              ? 'It is sealed at once: whoever knows it can pretend that all is well.'
              : 'Leave it empty to keep the one that is stored.'
          }
        />
        <TextField
          label="Every (minutes)"
          value={minutes}
          onChange={setMinutes}
          error={fault('everySeconds')}
          inputMode="numeric"
          help="Let the service wait three times as long."
        />
      </div>
      <Checkbox checked={silent} onChange={setSilent}>
        Be silent also while a critical alert is open that nobody has taken on
      </Checkbox>
      <Checkbox checked={consented} onChange={setConsented}>
        It may lead into a private network or to this machine, without encryption
      </Checkbox>
      <Refusal problem={save.problem} />
      <div className="flex justify-end">
        <Button type="submit" variant={heartbeat === null ? 'primary' : 'secondary'} reason={reason} pending={save.pending}>
          {heartbeat === null ? 'Send a heartbeat' : 'Save the changes'}
        </Button>
      </div>
    </Form>
  )
}
