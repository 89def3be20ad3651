import type { CheckKind } from '../check-kinds.ts'
import { type Remedy, step } from './remedy.ts'

export const ofDatabases = {
  backup: {
    means: 'The last backup that was owed was not made. Each further one that fails is more that could be lost.',
    steps: [
      step('Open the failed backup: its cause and what to do stand at its end.', '/operations/{operation}', 'lifeboat operations show {operation}'),
      step('Put the cause right: the password, the disk, the network, the tools.', '/databases/{database}', 'lifeboat check-database'),
      step('Make the backup now, and do not wait for the next slot.', '/databases/{database}', 'lifeboat backup manual'),
    ],
    runbook: null,
  },
  restorable_point: {
    means: 'If the database were lost now, more would be gone than its objective allows: everything since the newest restorable point.',
    steps: [
      step('Make a backup now.', '/databases/{database}', 'lifeboat backup manual'),
      step('See why the scheduled ones did not do it: paused, failed, or nobody there to run them.', '/schedules', 'lifeboat schedule list'),
      step('If the objective is not what the business needs, change it on the page of the database.', '/databases/{database}'),
    ],
    runbook: 'database',
  },
  database_reachable: {
    means: 'Lifeboat cannot connect. While that lasts nothing is backed up, and the applications may be down as well.',
    steps: [
      step('Find out whether the database is down for everybody: ask it from another machine.', '/databases/{database}', 'lifeboat check-database'),
      step('If the server is up: look at the network, the firewall, pg_hba.conf, the password and the certificate, as the check names them.'),
      step('If the server or its data are lost, follow the runbook: the newest restorable point is named on its first page.', '/runbooks/database'),
    ],
    runbook: 'database',
  },
  database_connections: {
    means: 'When no connection is left, applications fail, and so do backups.',
    steps: [
      step('See who holds them: pg_stat_activity, by application and state. Idle in transaction comes first.'),
      step('Raise max_connections, or put a pooler in session mode between.', '/databases/{database}'),
    ],
    runbook: null,
  },
  database_replication: {
    means: 'A standby or a slot falls behind. A slot that nobody reads keeps WAL until the disk of the server is full.',
    steps: [
      step('Look at pg_replication_slots and pg_stat_replication on the server.', '/databases/{database}'),
      step('Bring the standby back, or drop a slot that nobody needs any more.'),
    ],
    runbook: null,
  },
  database_archiving: {
    means: 'The server does not archive its WAL. Recovery to a point in time ends at the last file that was archived, and pg_wal grows.',
    steps: [
      step('Read last_failed_wal in pg_stat_archiver, and the server’s log beside it.', '/databases/{database}'),
      step('Put archive_command and the room on its target right; the server archives by itself what waited.'),
    ],
    runbook: null,
  },
  client_tools: {
    means: 'No worker has PostgreSQL client tools for the version of this server: it can be neither backed up nor restored.',
    steps: [
      step(
        'Install the client tools of that major version on the machine of a worker; it finds them within a minute.',
        '/settings',
        'lifeboat doctor',
      ),
      step('Then make a backup.', '/databases/{database}', 'lifeboat backup manual'),
    ],
    runbook: null,
  },
  certificate: {
    means: 'After the certificate has ended, Lifeboat refuses to connect: it does not go on without knowing whom it speaks to.',
    steps: [
      step('Renew the certificate on the server, and reload it.', '/databases/{database}'),
      step('Check the connection.', '/databases/{database}', 'lifeboat check-database'),
    ],
    runbook: null,
  },
  copies_bad: {
    means: 'What lies on a storage is not what was backed up. From that copy nothing can be restored; other copies of the backup may be whole.',
    steps: [
      step('Open the backup: it says which copy is whole.', '/backups/{backup}', 'lifeboat list-backups'),
      step(
        'Repair the copy from a whole one, or make a backup now where there is none.',
        '/backups/{backup}',
        'lifeboat storage drift STORAGE --repair PATH',
      ),
      step('Find out what the storage did to it: its disk, its lifecycle rules, somebody with its credentials.', '/storages'),
    ],
    runbook: null,
  },
  copies_waiting: {
    means: 'A backup lies on fewer storages than it should. If the one that has it is lost, it is lost too.',
    steps: [
      step('Open the backup, and see why the copy was not made.', '/backups/{backup}', 'lifeboat copy BACKUP --to STORAGE'),
      step('Look at the storage that misses it.', '/storages', 'lifeboat check-cloud'),
    ],
    runbook: null,
  },
  copies_unverified: {
    means: 'Whether these copies are whole is not known: nobody has read them back for too long.',
    steps: [
      step('Read the newest one back now.', '/backups/{backup}', 'lifeboat verify-backup BACKUP'),
      step('Give the verification cycle more room if it cannot keep up.', '/settings', 'lifeboat storage cycle'),
    ],
    runbook: null,
  },
  suspicious: {
    means:
      'A backup is not like those before it: empty, much smaller, or without tables that were there. The data may have been lost before it was made.',
    steps: [
      step(
        'Open the backup and compare it with the one before. Say whether it is as it should be.',
        '/backups/{backup}',
        'lifeboat look BACKUP fine|bad',
      ),
      step('If tables or rows are gone: nothing older is pruned by it, so restore them from the backup before.', '/runbooks/one_table'),
    ],
    runbook: 'one_table',
  },
  rehearsal: {
    means: 'That this database can be recovered was not shown for too long, or was shown not to work.',
    steps: [
      step(
        'Restore its newest backup into a new database, and see that it reaches its end.',
        '/restore',
        'lifeboat restore-full latest --target-db NAME',
      ),
      step('If it failed, its report says where.', '/operations/{operation}', 'lifeboat operations show {operation}'),
    ],
    runbook: 'database',
  },
  recovery_time: {
    means: 'The last recovery took longer than the business allows. The next one will as well.',
    steps: [
      step('Open its report: it says how long each phase took.', '/operations/{operation}', 'lifeboat operations show {operation}'),
      step('Raise the number of jobs, move the worker nearer to the storage, or agree on another objective.', '/databases/{database}'),
    ],
    runbook: 'database',
  },
} satisfies Partial<Record<CheckKind, Remedy>>
