import type { Metadata } from 'next'
import { DatabaseForm } from '#components/databases/database-form.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listCaCertificates } from '#lib/catalog/views/ca-certificates.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'

export const metadata: Metadata = { title: 'Add a database' }

export default async function NewDatabasePage() {
  const actor = await requireActor()
  const [authorities, storages] = await Promise.all([listCaCertificates(catalog(), actor), listStorages(catalog(), actor)])
  return (
    <>
      <PageHeader title="Add a database" up={{ href: '/databases', label: 'Databases' }}>
        A role that may read everything is enough for backups: <code className="font-mono text-sm">GRANT pg_read_all_data TO lifeboat</code>.
      </PageHeader>
      {allows(actor.role, 'database.write') ? (
        <DatabaseForm authorities={authorities} regions={storages.flatMap((one) => one.region ?? [])} />
      ) : (
        <Problem tone="warn" title="Only admins add databases">
          {reasonDenied('database.write')}
        </Problem>
      )}
    </>
  )
}
