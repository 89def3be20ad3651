import { changePassword } from '#lib/auth/password.ts'
import { passwordChangeInput } from '#lib/domain/inputs.ts'
import { withCookies } from '#lib/http/answers.ts'
import { meBehind } from '#lib/auth/me.ts'
import { route } from '#lib/http/route.ts'

export const POST = route({
  permission: 'catalog.read',
  summary: 'Change your own password; every session ends and a new one begins',
  answers: 'MeView',
  input: passwordChangeInput,
  handler: async ({ request, catalog, actor, input }) => {
    const cookies = await changePassword(catalog, request.headers, actor, input)
    return withCookies(await meBehind(cookies), cookies)
  },
})
