import { cache } from 'react'
import { alertName } from '#components/alerts/alert-words.ts'
import { AlertScreen } from '#components/alerts/alert-screen.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readAlert } from '#lib/catalog/views/alerts.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'

interface Props {
  params: Promise<{ id: string }>
}

const read = cache(async (id: string) => {
  const actor = await requireActor()
  const [alert, watch] = await Promise.all([found(readAlert(catalog(), actor, id)), readWatch(catalog(), actor)])
  return { actor, alert, watch }
})

export async function generateMetadata({ params }: Props) {
  return { title: alertName((await read((await params).id)).alert) }
}

export default async function AlertPage({ params }: Props) {
  const { actor, alert, watch } = await read((await params).id)
  return <AlertScreen alert={alert} watch={watch} role={actor.role} />
}
