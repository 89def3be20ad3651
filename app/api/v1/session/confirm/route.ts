import { confirmPassword } from '#lib/auth/confirm-password.ts'
import { confirmPasswordInput } from '#lib/domain/inputs.ts'
import { route } from '#lib/http/route.ts'

export const POST = route({
  permission: 'catalog.read',
  summary: 'Type your password again; dangerous acts are open for the next five minutes',
  input: confirmPasswordInput,
  handler: async ({ request, catalog, actor, input }) => confirmPassword(catalog, request.headers, actor, input.password),
})
