import { signIn, signOut } from '#lib/auth/sign-in.ts'
import { signInInput } from '#lib/domain/inputs.ts'
import { withCookies } from '#lib/http/answers.ts'
import { meBehind, meOf } from '#lib/auth/me.ts'
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
    return withCookies(await meBehind(cookies), cookies)
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
