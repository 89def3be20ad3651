import { getOperation } from '#lib/catalog/operations.ts'
import type { Operating } from './operating.ts'

/** Runs what a restore that overwrites waits for: its safety backup and that one's verification. The restore itself is then ready. */
export async function takeSafety(world: Operating, requested: { id: string }): Promise<{ id: string }> {
  for (let waits = await predecessor(world, requested.id); waits !== null; waits = await predecessor(world, requested.id)) {
    const ended = await world.operate({ id: waits })
    if (!ended.state.startsWith('succeeded')) throw new Error(`${ended.title} ended ${ended.state}: ${ended.error?.message ?? ''}`)
  }
  return requested
}

/** null: there is none, or it has ended. */
async function predecessor(world: Operating, id: string): Promise<string | null> {
  const after = (await getOperation(world.catalog, id))?.after ?? null
  const found = after === null ? null : await getOperation(world.catalog, after)
  return found?.state === 'queued' ? found.id : null
}
