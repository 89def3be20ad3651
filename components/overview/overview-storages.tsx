'use client'

import { OctagonX } from 'lucide-react'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { UseBar } from '#components/ui/progress-bar.tsx'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'

/** Is there room? A local storage is measured by its file system, a bucket by our objects against a budget. */
export function OverviewStorages({ storages }: { storages: readonly StorageView[] }) {
  return (
    <Panel title="Storages" aside={<Link href="/storages">All storages</Link>} flush>
      <ul className="m-0 list-none p-0">
        {storages.map((storage) => {
          const share = shareOf(storage)
          return (
            <li key={storage.id} className="relative border-t border-line px-4 py-2.5 first:border-t-0 hover:bg-hover sm:px-[18px]">
              <span className="flex flex-wrap justify-between gap-x-4">
                <Link quiet stretched href={`/storages/${storage.id}`}>
                  {storage.name}
                </Link>
                <span className="text-sm text-ink-2">{inWords(storage)}</span>
              </span>
              {share !== null && (
                <span className="mt-1.5 block">
                  <UseBar label={`${storage.name} is used`} share={share} tone={share >= 0.97 ? 'bad' : share >= 0.8 ? 'warn' : 'idle'} />
                </span>
              )}
              {storage.reachable === false && (
                <span className="mt-1 flex items-start gap-1.5 text-sm text-bad">
                  <OctagonX aria-hidden className="mt-0.5 size-3.5 shrink-0" />
                  {storage.problem ?? 'not reachable'}
                </span>
              )}
            </li>
          )
        })}
        {storages.length === 0 && (
          <li className="px-4 pb-4 text-ink-2 sm:px-[18px]">
            No storage yet, so nothing can be backed up. <Link href="/storages/new">Add one</Link>
          </li>
        )}
      </ul>
    </Panel>
  )
}

function shareOf(storage: StorageView): number | null {
  if (storage.kind === 'local' && storage.totalBytes !== null && storage.freeBytes !== null && storage.totalBytes > 0)
    return 1 - storage.freeBytes / storage.totalBytes
  if (storage.budgetBytes !== null && storage.usedBytes !== null && storage.budgetBytes > 0) return storage.usedBytes / storage.budgetBytes
  return null
}

function inWords(storage: StorageView): string {
  const copies = formatCount(storage.copies, 'copy', 'copies')
  if (storage.kind === 'local' && storage.freeBytes !== null && storage.totalBytes !== null) {
    return `${copies} · ${formatBytes(storage.freeBytes)} of ${formatBytes(storage.totalBytes)} free`
  }
  if (storage.usedBytes === null) return `${copies} · use not measured yet`
  return storage.budgetBytes === null
    ? `${copies} · ${formatBytes(storage.usedBytes)}`
    : `${copies} · ${formatBytes(storage.usedBytes)} of ${formatBytes(storage.budgetBytes)}`
}
