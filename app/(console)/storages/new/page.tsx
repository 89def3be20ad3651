import type { Metadata } from 'next'
import { StorageForm } from '#components/storages/storage-form.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'

export const metadata: Metadata = { title: 'Add a storage' }

export default async function NewStoragePage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const { kind } = await searchParams
  return (
    <>
      <PageHeader title="Add a storage" up={{ href: '/storages', label: 'Storages' }}>
        A second place, away from the first, is what survives the loss of a machine.
      </PageHeader>
      {allows(actor.role, 'storage.write') ? (
        <StorageForm kind={kind === 's3' ? 's3' : 'local'} />
      ) : (
        <Problem tone="warn" title="Only admins add storages">
          {reasonDenied('storage.write')}
        </Problem>
      )}
    </>
  )
}
