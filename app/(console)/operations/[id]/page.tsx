import { cache } from 'react'
import { OperationScreen } from '#components/operations/operation-screen.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readOperation } from '#lib/catalog/views/operations.ts'

interface Props {
  params: Promise<{ id: string }>
}

const read = cache(async (id: string) => {
  const actor = await requireActor()
  return { actor, operation: await found(readOperation(catalog(), actor, id)) }
})

export async function generateMetadata({ params }: Props) {
  return { title: (await read((await params).id)).operation.title }
}

export default async function OperationPage({ params }: Props) {
  const { actor, operation } = await read((await params).id)
  return <OperationScreen operation={operation} role={actor.role} me={actor.name} />
}
