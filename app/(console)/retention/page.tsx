import type { Metadata } from 'next'
import { readPart } from '#components/retention/retention-parts.ts'
import { RetentionScreen } from '#components/retention/retention-screen.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { readRetention } from '#lib/catalog/views/retention.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'

export const metadata: Metadata = { title: 'Retention' }

export default async function RetentionPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const part = readPart((await searchParams).part)
  const [retention, databases, storages] = await Promise.all([
    readRetention(catalog(), actor),
    listDatabases(catalog(), actor),
    listStorages(catalog(), actor),
  ])
  return <RetentionScreen part={part} initial={retention} databases={databases.map(named)} storages={storages.map(named)} role={actor.role} />
}

function named({ id, name }: { id: string; name: string }) {
  return { id, name }
}
