import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { CheckKind, CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { lookAtBackups } from './checks/backups.ts'
import { lookAtChannels } from './checks/channels.ts'
import { lookAtClientTools } from './checks/client-tools.ts'
import { lookAtCopies } from './checks/copies.ts'
import { lookAtDrift } from './checks/drift.ts'
import { lookAtHeartbeat } from './checks/heartbeat.ts'
import { lookAtKeys, lookAtRecoveryKey } from './checks/keys.ts'
import { lookAtQueue } from './checks/queue.ts'
import { lookAtRecoveries } from './checks/recoveries.ts'
import { lookAtRestorablePoints } from './checks/restorable-points.ts'
import { lookAtSuspicion } from './checks/suspicion.ts'
import { lookAtSwaps } from './checks/swaps.ts'
import { lookAtWeb } from './checks/web.ts'
import { lookAtWorkers } from './checks/workers.ts'

/** What the catalogue alone tells; what has to be asked of the outside is asked by probes. Rows of these kinds that a look leaves out are gone. */
export interface Look {
  kinds: readonly CheckKind[]
  look(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]>
}

export const looks: readonly Look[] = [
  { kinds: ['backup'], look: lookAtBackups },
  { kinds: ['restorable_point'], look: lookAtRestorablePoints },
  { kinds: ['copies_bad', 'copies_waiting', 'copies_unverified'], look: lookAtCopies },
  { kinds: ['suspicious'], look: lookAtSuspicion },
  { kinds: ['storage_drift'], look: lookAtDrift },
  { kinds: ['rehearsal', 'recovery_time'], look: lookAtRecoveries },
  { kinds: ['workers', 'worker_tools', 'clock'], look: lookAtWorkers },
  { kinds: ['client_tools'], look: lookAtClientTools },
  { kinds: ['web'], look: lookAtWeb },
  { kinds: ['queue', 'stuck_operations'], look: lookAtQueue },
  { kinds: ['swaps'], look: lookAtSwaps },
  { kinds: ['keys'], look: lookAtKeys },
  { kinds: ['recovery_key'], look: lookAtRecoveryKey },
  { kinds: ['channel'], look: lookAtChannels },
  { kinds: ['heartbeat'], look: lookAtHeartbeat },
]
