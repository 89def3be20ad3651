import type { UpkeepTask } from '../upkeep.ts'
import { reconcileDaily } from './reconcile-daily.ts'

/** What Lifeboat does by itself besides taking backups, in this order. */
export const upkeepTasks: readonly UpkeepTask[] = [reconcileDaily]
