import { route } from '#lib/http/route.ts'
import { removeRule } from '#lib/operations/retention-rules.ts'

export const DELETE = route({
  permission: 'retention.write',
  summary: 'The next less precise rule decides instead; where that keeps less, the rule goes away after the delay',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => removeRule(catalog, actor, params.id ?? ''),
})
