import type { Metadata } from 'next'
import { Reach } from '#components/storages/reach.tsx'
import { StorageScreen } from '#components/storages/storage-screen.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readStorageDetail } from '#lib/catalog/views/storage-detail.ts'

export const metadata: Metadata = { title: 'Storage' }

export default async function StoragePage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor()
  const storage = await found(readStorageDetail(catalog(), actor, (await params).id))
  return (
    <>
      <PageHeader title={storage.name} up={{ href: '/storages', label: 'Storages' }} badge={<Reach storage={storage} />}>
        <span className="font-mono text-sm [overflow-wrap:anywhere]">{storage.place}</span>
      </PageHeader>
      <StorageScreen initial={storage} role={actor.role} limited={actor.databaseIds !== null} />
    </>
  )
}
