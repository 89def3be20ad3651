import { catalogueNow } from '#lib/catalog/clock.ts'
import { ruleViews } from '#lib/catalog/views/retention.ts'
import { ruleInput } from '#lib/domain/retention/inputs.ts'
import { route } from '#lib/http/route.ts'
import { setRule } from '#lib/operations/retention-rules.ts'

export const PUT = route({
  permission: 'retention.write',
  summary: 'How long backups of a tier stay, everywhere or at one place; what is shorter than before waits, what is in force takes that back',
  answers: 'RetentionRuleView',
  input: ruleInput,
  confirmed: true,
  handler: async ({ catalog, actor, input }) => {
    const row = await setRule(catalog, actor, input)
    return (await ruleViews(catalog, [row], await catalogueNow(catalog)))[0]
  },
})
