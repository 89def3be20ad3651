'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CheckReport } from '#components/follow/check-report.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { sayProblem } from '#components/ui/toaster.tsx'
import { ApiError } from '#lib/client/api.ts'
import { type StorageKeeping, addStorage, changeStorage, checkStorage, reconcileStorage, testStorage } from '#lib/client/mutations.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { keepingOf } from './keeping-fields.ts'
import { KeepingFieldset } from './keeping-fieldset.tsx'
import { S3Fields } from './s3-fields.tsx'
import { emptyStorage, problemsOf, requestOf, type StorageFields } from './storage-fields.ts'

/** Describe the place, test it, look at what the test found, save. */
export function StorageForm({ kind }: { kind: 'local' | 's3' }) {
  const router = useRouter()
  const [fields, setFields] = useState<StorageFields>({ ...emptyStorage, kind })
  const [shown, setShown] = useState(false)
  /** the test, and the very values that it was made for */
  const [tested, setTested] = useState<{
    operationId: string
    storageId: string
    values: string
    ended: boolean
    good: boolean
    known: boolean
  } | null>(null)

  const problems = problemsOf(fields)
  const visible = shown ? problems : {}
  const fault = Object.values(problems)[0]
  const values = JSON.stringify({ ...requestOf(fields), name: '', budgetBytes: null })
  const current = tested?.values === values ? tested : null
  const change = (part: Partial<StorageFields>) => setFields((before) => ({ ...before, ...part }))

  // the test marks the place with an id, or finds the one that it has; the storage is saved under it, and a second test of the same place finds it again
  const marked = current === null ? {} : { storageId: current.storageId }
  const test = useStart(
    (_key) => testStorage({ ...requestOf(fields), ...marked }),
    ({ operationId, storageId }) => setTested({ operationId, storageId, values, ended: false, good: false, known: current?.known ?? false }),
  )
  const save = useStart(
    async (_key) => {
      const added = await addStorage({ ...requestOf(fields), ...marked })
      const kept = keepingFor(fields)
      // the storage is registered whatever this answers
      if (kept !== null) await changeStorage(added.id, kept).catch(sayNotKept)
      // fills its card with room and reachability; the storage is registered whatever this answers
      if (current?.known) await reconcileStorage(added.id, { adopt: true }).catch(() => undefined)
      else await checkStorage(added.id).catch(() => undefined)
      return added
    },
    ({ id }) => {
      router.push(`/storages/${id}`)
      router.refresh()
    },
  )
  const saveReason =
    fault !== undefined
      ? `Fill in the form first: ${fault}`
      : current === null
        ? 'Test the storage first: nothing is saved that was not tried.'
        : !current.ended
          ? 'The test has not ended yet.'
          : current.good
            ? null
            : 'The test found a problem: clear it, then test again.'

  return (
    <form
      className="flex max-w-[860px] flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setShown(true)
        if (fault === undefined) void test.start()
      }}
    >
      <Panel>
        <RadioCards
          label="What kind of place?"
          columns={2}
          value={fields.kind}
          onChange={(chosen) => change({ kind: chosen })}
          options={[
            { value: 'local', title: 'A directory', detail: 'On a disk or mount of the worker’s machine' },
            { value: 's3', title: 'An S3 bucket', detail: 'AWS, or any store that speaks S3' },
          ]}
        />
      </Panel>
      <Panel title="The storage">
        <div className="flex flex-col gap-4">
          <TextField
            label="Name in Lifeboat"
            value={fields.name}
            onChange={(name) => change({ name })}
            error={visible.name ?? null}
            required
            className="max-w-96"
          />
          {fields.kind === 'local' ? (
            <TextField
              label="Directory"
              value={fields.path}
              onChange={(path) => change({ path })}
              error={visible.path ?? null}
              required
              mono
              placeholder="/var/backups/lifeboat"
              help="A marker is written into it. A mount that is missing later is noticed, and never written beside."
            />
          ) : (
            <S3Fields fields={fields} problems={visible} onChange={change} />
          )}
          <TextField
            label="Budget in GB"
            value={fields.budget}
            onChange={(budget) => change({ budget })}
            error={visible.budget ?? null}
            optional
            inputMode="numeric"
            className="max-w-96"
            help={
              fields.kind === 's3'
                ? 'What its use is measured against: a bucket has no size of its own. Nothing is stopped or deleted at it.'
                : 'What the backups may take of the disk. Nothing is stopped or deleted at it.'
            }
          />
        </div>
      </Panel>
      <Panel title="Where it lies, and how it keeps">
        <div className="flex flex-col gap-4">
          <KeepingFieldset kind={fields.kind} fields={fields} problems={visible} onChange={change} />
        </div>
      </Panel>
      {current !== null && (
        <CheckReport
          key={current.operationId}
          id={current.operationId}
          subject={fields.kind === 'local' ? fields.path : fields.bucket}
          onEnd={(operation) =>
            setTested((before) =>
              before?.operationId === operation.id
                ? {
                    ...before,
                    ended: true,
                    good: operation.error === null && operation.findings.every((one) => one.severity !== 'blocker'),
                    storageId: foundIdOf(operation) ?? before.storageId,
                    known: before.known || operation.findings.some((one) => one.code === 'storage_known'),
                  }
                : before,
            )
          }
        />
      )}
      <Refusal problem={test.problem ?? save.problem} />
      <div className="flex flex-wrap justify-end gap-2">
        <LinkButton href="/storages">Cancel</LinkButton>
        <Button type="submit" pending={test.pending} variant={current?.good || current?.ended === false ? 'secondary' : 'primary'}>
          {current === null ? 'Test the storage' : 'Test it again'}
        </Button>
        <Button variant={current?.good ? 'primary' : 'secondary'} reason={saveReason} pending={save.pending} onPress={() => void save.start()}>
          Add the storage
        </Button>
      </div>
    </form>
  )
}

/** What was said beyond the place itself; null: nothing. */
function keepingFor(fields: StorageFields): Partial<StorageKeeping> | null {
  const { medium, lockMode, lockDays, ...place } = keepingOf(fields)
  // only a directory may be absent, and only a bucket can lock
  const kept = fields.kind === 'local' ? { ...place, medium } : { ...place, lockMode, lockDays }
  const said = place.region !== null || place.agreement !== null || (fields.kind === 'local' ? medium === 'offline' : lockMode !== null)
  return said ? kept : null
}

function sayNotKept(error: unknown): void {
  if (!(error instanceof ApiError)) throw error
  sayProblem(
    `The storage was added, but not its region, medium or lock: ${error.problem.title}`,
    `${error.problem.remedy} “Change” on this page sets them.`,
  )
}

/** A place that was a storage before keeps the id that its marker holds. */
function foundIdOf({ result }: OperationDetail): string | undefined {
  const { check } = (result ?? {}) as { check?: { storageId?: unknown } }
  return typeof check?.storageId === 'string' ? check.storageId : undefined
}
