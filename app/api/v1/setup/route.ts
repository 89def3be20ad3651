import { acceptSetupLink } from '#lib/auth/setup-link.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { countAttempt } from '#lib/auth/rate-limit.ts'
import { addressGroup, clientAddress } from '#lib/auth/client-address.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { setupInput } from '#lib/domain/inputs.ts'
import type { MeView } from '#lib/domain/views.ts'
import { withCookies } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'

const windowSeconds = 15 * 60
const mostPerAddress = 30

export const POST = route({
  permission: 'anonymous',
  summary: 'Make the account that a one-time link allows, and sign in',
  answers: 'MeView',
  input: setupInput,
  handler: async ({ request, catalog, input }) => {
    const tries = await countAttempt(catalog, `setup from ${addressGroup(clientAddress(request.headers))}`, windowSeconds)
    if (tries > mostPerAddress) throw new LifeboatError('too_many_requests', 'Too many attempts.', 'Wait a quarter of an hour, then try again.')
    const { token, ...person } = input
    const made = await acceptSetupLink(catalog, token, { ...person, email: person.email })
    const cookies = await signIn(catalog, request.headers, { email: made.email, password: input.password })
    const me: MeView = { id: made.id, email: made.email, name: input.name, role: made.role, databaseIds: null }
    return withCookies(me, cookies, 201)
  },
})
