import { notFound } from 'next/navigation'
import { cache } from 'react'
import { readPeriod } from '#components/charts/check-axis.ts'
import { CheckScreen } from '#components/checks/check-screen.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readCheckHistory, readChecks } from '#lib/catalog/views/checks.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'
import { checkKinds, isCheckKind } from '#lib/domain/watch/check-kinds.ts'

interface Props {
  params: Promise<{ kind: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

const read = cache(async (kind: string, subject: string, hours: number) => {
  const actor = await requireActor()
  if (!isCheckKind(kind)) notFound()
  const [checks, history, watch] = await Promise.all([
    readChecks(catalog(), actor),
    found(readCheckHistory(catalog(), actor, { kind, subject, hours })),
    readWatch(catalog(), actor),
  ])
  const check = checks.find((one) => one.kind === kind && one.subject === subject)
  if (check === undefined) notFound()
  return { check, history, watch }
})

export async function generateMetadata({ params }: Props) {
  const { kind } = await params
  return { title: isCheckKind(kind) ? checkKinds[kind].title : 'Check' }
}

export default async function CheckPage({ params, searchParams }: Props) {
  const { subject, hours: asked } = await searchParams
  const hours = readPeriod(asked)
  const { check, history, watch } = await read((await params).kind, typeof subject === 'string' ? subject : '', hours)
  return <CheckScreen check={check} history={history} hours={hours} watch={watch} />
}
