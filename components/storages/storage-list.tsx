'use client'

import { useQuery } from '@tanstack/react-query'
import { HardDrive } from 'lucide-react'
import { LinkButton } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { storagesQuery } from '#lib/client/queries.ts'
import type { Role } from '#lib/domain/permissions.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { StorageCard } from './storage-card.tsx'

/** Is there room, is it what I think? */
export function StorageList({ initial, role }: { initial: StorageView[]; role: Role }) {
  const { data } = useQuery({ ...storagesQuery(), initialData: initial })
  if (data.length === 0) {
    return (
      <Panel flush>
        <EmptyState
          icon={HardDrive}
          title="No storage is registered yet"
          action={
            role === 'admin' && (
              <>
                <LinkButton variant="primary" href="/storages/new?kind=local">
                  Add a directory
                </LinkButton>
                <LinkButton href="/storages/new?kind=s3">Add an S3 bucket</LinkButton>
              </>
            )
          }
        >
          A storage keeps copies of backups. Two in different places survive the loss of one.
        </EmptyState>
      </Panel>
    )
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      {data.map((storage) => (
        <StorageCard key={storage.id} storage={storage} />
      ))}
    </div>
  )
}
