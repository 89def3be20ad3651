import { currentActor, type Person } from './current-actor.ts'
import type { MeView } from '#lib/domain/views.ts'

export function meOf(actor: Person): MeView {
  return { id: actor.id, email: actor.email, name: actor.displayName, role: actor.role, databaseIds: actor.databaseIds }
}

/** Whom the Set-Cookie headers of a sign-in sign in; an empty object: nobody, as the session ended meanwhile. */
export async function meBehind(setCookies: string[]): Promise<MeView | Record<string, never>> {
  const cookie = setCookies.map((one) => one.split(';')[0]).join('; ')
  const actor = await currentActor({ headers: new Headers({ cookie }) })
  return actor === null ? {} : meOf(actor)
}
