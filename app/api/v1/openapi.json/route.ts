import { openApi } from '#lib/http/open-api.ts'
import { json } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { routes } from '../routes.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'This description',
  handler: async () => json(openApi(routes)),
})
