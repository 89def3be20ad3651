import { signIn, signOut } from '#lib/auth/sign-in.ts'
import { currentActor, type Person } from '#lib/auth/current-actor.ts'
import { signInInput } from '#lib/domain/inputs.ts'
import type { MeView } from '#lib/domain/views.ts'
import { withCookies } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Who is signed in',
  answers: 'MeView',
  handler: async ({ actor }) => meOf(actor),
})

export const POST = route({
  permission: 'anonymous',
  summary: 'Sign in',
  answers: 'MeView',
  input: signInInput,
  handler: async ({ request, catalog, input }) => {
    const cookies = await signIn(catalog, request.headers, input)
    const cookie = cookies.map((one) => one.split(';')[0]).join('; ')
    const actor = await currentActor({ headers: new Headers({ cookie }) })
    return withCookies(actor === null ? {} : meOf(actor), cookies)
  },
})

export const DELETE = route({
  permission: 'catalog.read',
  summary: 'Sign out',
  handler: async ({ request, catalog, actor }) => {
    const cookies = await signOut(request.headers)
    await note(catalog, actor, 'session.end', { kind: 'user', id: actor.id })
    return withCookies(undefined, cookies)
  },
})

function meOf(actor: Person): MeView {
  return { id: actor.id, email: actor.email, name: actor.displayName, role: actor.role, databaseIds: actor.databaseIds }
}
