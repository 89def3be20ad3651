import { notFound } from 'next/navigation'
import { requireActor } from '#lib/auth/require-page.ts'

/** Any other address: the not-found page inside the console, with its navigation. */
export default async function MissingPage() {
  await requireActor()
  notFound()
}
