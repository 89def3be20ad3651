import type { CheckKind } from '../check-kinds.ts'
import { type Remedy, step } from './remedy.ts'

export const ofStorages = {
  storage_reachable: {
    means: 'Backups can be neither written to this storage nor read from it. If it is the only one, nothing can be restored while that lasts.',
    steps: [
      step('Check it now: the answer names the cause.', '/storages/{storage}', 'lifeboat check-cloud'),
      step('Put right what it names: credentials, the network, the mount, the clock of the machine.'),
      step('Until then, back up to another storage.', '/storages', 'lifeboat backup manual --storage OTHER'),
    ],
    runbook: 'everything',
  },
  storage_room: {
    means: 'When it is full, backups to it fail; nothing that is there is lost.',
    steps: [
      step('See when it will be full, and what takes the room.', '/storages/{storage}', 'lifeboat storage show NAME'),
      step('Simulate a shorter retention before you change it: it says what would go.', '/retention', 'lifeboat retention simulate'),
      step('Or give it more room, or add a storage.', '/storages/new', 'lifeboat storage add'),
    ],
    runbook: null,
  },
  storage_drift: {
    means: 'The storage does not hold what the catalogue says: something was changed there without Lifeboat.',
    steps: [
      step('See what differs, each with its remedy.', '/storages/{storage}', 'lifeboat storage drift NAME'),
      step('Find out who else writes there. Nobody but Lifeboat should.'),
    ],
    runbook: null,
  },
  storage_certificate: {
    means: 'After the certificate has ended, Lifeboat refuses to connect, and nothing is backed up to this storage.',
    steps: [
      step('Renew the certificate of the endpoint.', '/storages/{storage}'),
      step('Check the storage.', '/storages/{storage}', 'lifeboat check-cloud'),
    ],
    runbook: null,
  },
} satisfies Partial<Record<CheckKind, Remedy>>
