'use client'

import { CircleCheck } from 'lucide-react'
import { z } from 'zod'
import { FindingList } from '#components/ui/findings.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { useAskedOperation } from '#lib/client/operation-stream.ts'
import { isFinished } from '#lib/domain/states.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { Problem } from '#components/ui/problem.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { OperationProgress } from './operation-progress.tsx'
import { useEnd } from './use-end.ts'

/** What a check of a database saw of it; of a storage there is none. */
const seenDatabase = z.object({
  server: z.object({ version: z.string(), tlsVersion: z.string().nullable(), databaseBytes: z.number() }),
  tables: z.number(),
})

/** Of a channel or the heartbeat: what the other side answered. */
const heardAnswer = z.object({ answer: z.string() })

/** A connection test, live, and then what it found. `subject`: what was tested, for the titles. */
export function CheckReport({ id, subject, onEnd }: { id: string; subject: string; onEnd?: (operation: OperationDetail) => void }) {
  const { data, error } = useAskedOperation(id)
  useEnd(data, onEnd)
  const ended = data !== undefined && isFinished(data.state)
  const stopped = data?.findings.some((one) => one.severity === 'blocker') ?? false
  const passed = ended && data.error === null && !stopped
  return (
    <Panel
      flush
      say={passed ? seenWords(data.result) : undefined}
      title={
        !ended ? (
          `Testing ${subject}`
        ) : passed ? (
          <Passed subject={subject} warned={data.findings.some((one) => one.severity === 'warning')} />
        ) : (
          `The test of ${subject} found a problem`
        )
      }
    >
      {(!ended || data.error !== null) && (
        <div className="px-4 pb-3.5 sm:px-[18px]">
          {data !== undefined ? (
            <OperationProgress operation={data} />
          ) : error ? (
            <Problem title={error.message} id={id} />
          ) : (
            <Skeleton className="h-12 w-full" />
          )}
        </div>
      )}
      {ended && data.findings.length > 0 && <FindingList findings={data.findings} />}
      {passed && data.findings.length === 0 && answerOf(data.result) === null && (
        <p className="m-0 px-4 pb-3.5 text-ink-2 sm:px-[18px]">Nothing stands in the way.</p>
      )}
    </Panel>
  )
}

function seenWords(result: OperationDetail['result']): string | undefined {
  const { data } = seenDatabase.safeParse(result?.check)
  if (data === undefined) return answerOf(result) ?? undefined
  const { server, tables } = data
  return `PostgreSQL ${server.version}, ${server.tlsVersion ?? 'not encrypted'}, ${formatCount(tables, 'table')}, ${formatBytes(server.databaseBytes)}.`
}

function answerOf(result: OperationDetail['result']): string | null {
  return heardAnswer.safeParse(result?.check).data?.answer ?? null
}

function Passed({ subject, warned }: { subject: string; warned: boolean }) {
  return (
    <span className="inline-flex items-center gap-2">
      <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />
      The test of {subject} passed{warned && ', with something to know'}
    </span>
  )
}
