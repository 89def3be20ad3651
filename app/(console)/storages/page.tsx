import type { Metadata } from 'next'
import { StorageList } from '#components/storages/storage-list.tsx'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'

export const metadata: Metadata = { title: 'Storages' }

export default async function StoragesPage() {
  const actor = await requireActor()
  const storages = await listStorages(catalog(), actor)
  return (
    <>
      <PageHeader
        title="Storages"
        actions={
          allows(actor.role, 'storage.write') ? (
            <LinkButton variant="primary" href="/storages/new">
              Add a storage
            </LinkButton>
          ) : (
            <Button reason={reasonDenied('storage.write')}>Add a storage</Button>
          )
        }
      >
        The places that keep copies. Backups are sealed before they get there.
      </PageHeader>
      <StorageList initial={storages} role={actor.role} />
    </>
  )
}
