import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { currentActor, type Person } from './current-actor.ts'

/** For server pages: the signed-in person, or a redirect to sign in. Every page calls it; proxy.ts decides nothing. */
export async function requireActor(): Promise<Person> {
  const actor = await currentActor({ headers: new Headers(await headers()) })
  if (actor === null) redirect('/sign-in')
  return actor
}
