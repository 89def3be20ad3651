import type { Role } from './permissions.ts'

/** Who asks for an act: a signed-in person or token, the CLI on a machine that holds the catalogue's URL, or Lifeboat itself. */
export interface Actor {
  kind: 'user' | 'cli' | 'system'
  /** the person's id; null for the CLI and the system */
  id: string | null
  name: string
  role: Role
  /** the databases this actor may see; null: all */
  databaseIds: string[] | null
}

/** Lifeboat acting by itself: chains, schedules, the reaper. */
export const systemActor: Actor = { kind: 'system', id: null, name: 'lifeboat', role: 'admin', databaseIds: null }

export function maySee(actor: Actor, databaseId: string): boolean {
  return actor.databaseIds === null || actor.databaseIds.includes(databaseId)
}
