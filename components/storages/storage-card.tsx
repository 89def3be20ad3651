import { Cloud, HardDrive, TriangleAlert } from 'lucide-react'
import { Link } from '#components/ui/link.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { UseBar } from '#components/ui/progress-bar.tsx'
import { Time } from '#components/ui/time.tsx'
import { formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { capacityOf, fillWords } from './capacity.ts'
import { Reach } from './reach.tsx'

/** One storage: is there room, is it there. Its page has the acts. */
export function StorageCard({ storage }: { storage: StorageView }) {
  const capacity = capacityOf(storage)
  const fills = fillWords(storage.forecast)
  const Icon = storage.kind === 's3' ? Cloud : HardDrive
  const absent = storage.reachable === false && storage.medium === 'offline'
  return (
    <article
      aria-labelledby={`${storage.id}-name`}
      className="relative flex min-w-0 flex-col gap-3 rounded-[10px] border border-line bg-panel p-4 shadow-raise hover:border-line-2 sm:p-[18px]"
    >
      <header className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-2">
        <div className="flex min-w-0 items-start gap-2.5">
          <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-3" />
          <h2 id={`${storage.id}-name`} className="m-0 min-w-0 text-lg font-semibold [overflow-wrap:anywhere]">
            <Link href={`/storages/${storage.id}`} quiet stretched>
              {storage.name}
            </Link>
          </h2>
        </div>
        <div className="text-right">
          <Reach storage={storage} />
          <span className="block text-sm text-ink-2">
            checked <Time at={storage.checkedAt} />
          </span>
        </div>
        <p className="col-span-2 m-0 font-mono text-xs text-ink-2 [overflow-wrap:anywhere]">{storage.place}</p>
      </header>
      <div>
        {capacity.share !== null && <UseBar label={`Use of ${storage.name}`} share={capacity.share} tone={capacity.tone} />}
        <p
          className={`m-0 mt-1.5 text-sm ${capacity.tone === 'bad' ? 'font-[550] text-bad' : capacity.tone === 'warn' ? 'font-[550] text-warn' : 'text-ink-2'}`}
        >
          {capacity.tone !== 'idle' && <TriangleAlert aria-hidden className="mr-1 inline size-3.5 align-[-2px]" />}
          {capacity.words}
        </p>
        {fills !== null && <p className="m-0 text-sm text-ink-2">{fills}</p>}
        <p className="m-0 text-sm text-ink-2">
          <Link href={`/backups?storageId=${storage.id}`} className="above">
            {storage.reachable === false
              ? `${formatCount(storage.copies, 'copy', 'copies')}, out of reach now`
              : formatCount(storage.copies, 'readable copy', 'readable copies')}
          </Link>
          {storage.region !== null && ` · region ${storage.region}`}
          {storage.lockMode !== null && ` · locked for ${formatCount(storage.lockDays, 'day')}`}
        </p>
      </div>
      {absent ? (
        <p className="m-0 text-sm text-ink-2">An offline medium: its copies wait, and are made when it is back.</p>
      ) : (
        storage.problem !== null && (
          <Problem title={storage.problem}>Its copies stay as they are. Nothing is written there until a check passes.</Problem>
        )
      )}
    </article>
  )
}
