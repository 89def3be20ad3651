import type { CheckKind } from '../check-kinds.ts'
import { type Remedy, step } from './remedy.ts'

export const ofLifeboat = {
  native_backups: {
    means: 'Supabase itself no longer makes its backups, or does not say so. What Lifeboat made is not touched by that.',
    steps: [
      step('Look at the backups in the dashboard of the project at Supabase, and at its plan.'),
      step('See that Lifeboat’s own backups are as young as they should be.', '/databases', 'lifeboat list-backups'),
    ],
    runbook: null,
  },
  workers: {
    means: 'Nothing is backed up, verified or restored, and no schedule is served, until a worker lives.',
    steps: [
      step('On the machine of the worker: see whether it runs, and what it said last.', '/settings', 'lifeboat doctor'),
      step('Start it. What it was doing is put right by itself when it comes back.'),
    ],
    runbook: null,
  },
  worker_tools: {
    means: 'Restores with these tools are refused: a dump that somebody prepared could run commands through them.',
    steps: [step('Update the PostgreSQL client tools on the machine of this worker; it finds them within a minute.', '/settings', 'lifeboat doctor')],
    runbook: null,
  },
  clock: {
    means: 'Object storages refuse a machine whose clock is wrong, and times in its reports cannot be relied on.',
    steps: [step('Put the clock of the worker’s machine right: its time service has stopped.', '/settings', 'lifeboat doctor')],
    runbook: null,
  },
  web: {
    means: 'Nobody can look at the console or start a restore in it. Backups go on, and the command line works.',
    steps: [
      step('On the machine of the console: see whether it runs, and what it said last.', null, 'lifeboat doctor'),
      step('Start it again. In an emergency the command line does all that the console does.', null, 'lifeboat runbook everything'),
    ],
    runbook: null,
  },
  queue: {
    means: 'Work waits longer than it should: workers are too few, busy, or may not do it (key, tools, a local storage that they cannot see).',
    steps: [
      step('Open what waits: it says what it waits for.', '/operations/{operation}', 'lifeboat operations show {operation}'),
      step('Start another worker, or give this one more to do at once.', '/settings', 'lifeboat doctor'),
    ],
    runbook: null,
  },
  stuck_operations: {
    means: 'Something runs without moving, and holds up what waits behind it.',
    steps: [
      step('Open it and read its last events.', '/operations/{operation}', 'lifeboat operations show {operation}'),
      step('Cancel it if it does not move; what it began is undone or named.', '/operations/{operation}', 'lifeboat operations cancel {operation}'),
    ],
    runbook: null,
  },
  swaps: {
    means: 'A database was replaced, and that was not brought to its end: which one is live is not certain, or an old one takes room.',
    steps: [
      step('Open the replacement; it says which database has which name.', '/operations/{operation}', 'lifeboat undo list'),
      step('Swap back, or drop the old one.', '/operations/{operation}', 'lifeboat undo swap-back {operation}'),
    ],
    runbook: null,
  },
  keys: {
    means: 'Backups that were sealed with a key that nobody holds cannot be opened. With the recovery key they still can.',
    steps: [
      step('See which keys are missing, and which backups need them.', '/settings', 'lifeboat key list'),
      step('Bring the key file back to a worker, or recover with the printed recovery key.', '/runbooks/everything', 'lifeboat runbook everything'),
    ],
    runbook: 'everything',
  },
  recovery_key: {
    means: 'If the machine with the key is lost, nothing can be opened: nobody has confirmed that the recovery key lies in a safe place.',
    steps: [step('Print the recovery key, put it in a safe place, and confirm it.', '/settings', 'lifeboat key show')],
    runbook: null,
  },
  channel: {
    means: 'Messages do not arrive there. Whoever relies on it hears of nothing.',
    steps: [
      step('Press its test button: the true answer of the other side is shown.', '/settings?part=channels', 'lifeboat channel test NAME'),
      step('Type its address or password in again if it was changed over there. What waits is sent then.', '/settings?part=channels'),
    ],
    runbook: null,
  },
  heartbeat: {
    means: 'The service that watches Lifeboat from outside does not hear of it, and will call you; if Lifeboat dies now, nobody else notices.',
    steps: [
      step('Test it: the true answer is shown.', '/settings?part=heartbeat', 'lifeboat heartbeat test'),
      step('See that a worker with the key is alive: nobody else sends it.', '/settings', 'lifeboat doctor'),
    ],
    runbook: null,
  },
  watch: {
    means: 'Some checks are not made. What they watch may be well or not: nobody knows.',
    steps: [
      step('See which checks are late.', '/checks', 'lifeboat health-check'),
      step('Look at the worker’s log for the reason, and start it anew if it hangs.', '/settings', 'lifeboat doctor'),
    ],
    runbook: null,
  },
} satisfies Partial<Record<CheckKind, Remedy>>
