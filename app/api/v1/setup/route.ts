import { acceptSetupLink } from '#lib/auth/setup-link.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { countAttempt } from '#lib/auth/rate-limit.ts'
import { addressGroup, clientAddress } from '#lib/auth/client-address.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { setupInput } from '#lib/domain/inputs.ts'
import { withCookies } from '#lib/http/answers.ts'
import { meBehind } from '#lib/auth/me.ts'
import { route } from '#lib/http/route.ts'

const windowSeconds = 15 * 60
const mostPerAddress = 30

export const POST = route({
  permission: 'anonymous',
  summary: 'Make the account that a one-time link allows, or give it a new password, and sign in',
  answers: 'MeView',
  input: setupInput,
  handler: async ({ request, catalog, input }) => {
    const tries = await countAttempt(catalog, `setup from ${addressGroup(clientAddress(request.headers))}`, windowSeconds)
    if (tries > mostPerAddress) throw new LifeboatError('too_many_requests', 'Too many attempts.', 'Wait a quarter of an hour, then try again.')
    const { token, ...person } = input
    const made = await acceptSetupLink(catalog, token, person)
    const cookies = await signIn(catalog, request.headers, { email: made.email, password: input.password })
    return withCookies(await meBehind(cookies), cookies, 201)
  },
})
