import { simulateRetention } from '#lib/catalog/views/simulation.ts'
import { simulationInput } from '#lib/domain/retention/inputs.ts'
import { route } from '#lib/http/route.ts'

export const POST = route({
  permission: 'catalog.read',
  summary: 'What rules that are not saved would do on the real history: what stays, what goes and when; writes nothing',
  answers: 'SimulationView',
  input: simulationInput,
  handler: async ({ catalog, actor, input: { rules, databaseId } }) =>
    simulateRetention(catalog, actor, { rules: rules.map((rule, index) => ({ id: String(index), ...rule, pending: null })), databaseId }),
})
