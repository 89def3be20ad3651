'use client'

import { useQuery } from '@tanstack/react-query'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Problem } from '#components/ui/problem.tsx'
import { storageQuery } from '#lib/client/queries.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { formatShare } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { fillWords } from './capacity.ts'
import { DriftPanel } from './drift-panel.tsx'
import { StorageActs } from './storage-acts.tsx'
import { BucketPanel, KeepingPanel, ReadingPanel } from './storage-facts.tsx'
import { UsageChart } from './usage-chart.tsx'
import { WaitingCopies } from './waiting-copies.tsx'

/** Is there room, is it what I think? `limited`: this person sees some of the databases only. */
export function StorageScreen({ initial, role, limited }: { initial: StorageView; role: Role; limited: boolean }) {
  const { data: storage } = useQuery({ ...storageQuery(initial.id), initialData: initial })
  const { detail } = storage
  usePageTitle(`${storage.name} · Storages`)
  return (
    <>
      <StorageActs storage={storage} role={role} />
      <div className="mb-4 flex flex-col gap-3 empty:mb-0">
        <Trouble storage={storage} />
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[5fr_3fr]">
        <div className="grid min-w-0 gap-4">
          {detail !== undefined && <UsageChart storage={storage} detail={detail} />}
          {detail !== undefined && <DriftPanel storage={storage} detail={detail} role={role} limited={limited} />}
          {detail !== undefined && <WaitingCopies storage={storage} waiting={detail.waiting} />}
        </div>
        <div className="grid min-w-0 gap-4">
          <KeepingPanel storage={storage} />
          {storage.kind === 's3' && detail !== undefined && <BucketPanel storage={storage} bucket={detail.bucket} />}
          {detail !== undefined && <ReadingPanel storage={storage} detail={detail} />}
        </div>
      </div>
    </>
  )
}

/** What needs somebody: the place does not answer, or will soon be full. */
function Trouble({ storage }: { storage: StorageView }) {
  const forecast = storage.detail?.forecast ?? storage.forecast
  const absent = storage.reachable === false && storage.medium === 'offline'
  return (
    <>
      {absent && (
        <Problem tone="warn" title={`${storage.name} is an offline medium, and it is not connected`}>
          Copies for it wait, and are made when a worker sees it again. {storage.problem}
        </Problem>
      )}
      {!absent && storage.problem !== null && (
        <Problem title={storage.problem}>Its copies stay as they are. Nothing is written there until a check passes.</Problem>
      )}
      {forecast?.warns && (
        <Problem tone={(forecast.usedShare ?? 0) >= 1 ? 'bad' : 'warn'} title={`${storage.name} is ${formatShare(forecast.usedShare)} full`}>
          {fillWords(forecast)} Make room, give it more, or keep less: a backup that does not fit fails before it begins.
        </Problem>
      )}
    </>
  )
}
