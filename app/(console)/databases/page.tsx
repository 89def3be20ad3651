import type { Metadata } from 'next'
import { DatabaseList } from '#components/databases/database-list.tsx'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'

export const metadata: Metadata = { title: 'Databases' }

export default async function DatabasesPage() {
  const actor = await requireActor()
  const databases = await listDatabases(catalog(), actor)
  const mayAdd = allows(actor.role, 'database.write')
  return (
    <>
      <PageHeader
        title="Databases"
        actions={
          mayAdd ? (
            <LinkButton variant="primary" href="/databases/new">
              Add a database
            </LinkButton>
          ) : (
            <Button reason={reasonDenied('database.write')}>Add a database</Button>
          )
        }
      >
        What Lifeboat protects, and whether it can reach it.
      </PageHeader>
      <DatabaseList initial={databases} mayAdd={mayAdd} />
    </>
  )
}
