import type { UpkeepTask } from '../upkeep.ts'
import { pruneDaily } from './prune-daily.ts'
import { dueCopies } from './due-copies.ts'
import { forgetDaily } from './forget-daily.ts'
import { reconcileDaily } from './reconcile-daily.ts'
import { rewrapDaily } from './rewrap-daily.ts'
import { verificationCycle } from './verification-cycle.ts'

/** What Lifeboat does by itself besides taking backups, in this order. */
export const upkeepTasks: readonly UpkeepTask[] = [dueCopies, reconcileDaily, rewrapDaily, verificationCycle, pruneDaily, forgetDaily]
