import { type ErrorCode, errorCodes } from './errors.ts'

/** A common fault in words: what it means, and what to do. */
export interface ExplainedFault {
  what: string
  remedy: string
}

const say = (what: string, remedy: string): ExplainedFault => ({ what, remedy })

const offline = say(
  'The worker could not connect to the database.',
  'Check that the server runs, that host and port are right, and that no firewall stands between: lifeboat check-database.',
)

/** By the code that the engine gave it; null: the message says it all, or it is no fault of the outside. */
const byCode = {
  failed: null,
  indeterminate: say(
    'Nobody knows whether the last step took effect: the connection broke while it was being decided.',
    'Look at the server before you start it again; the operation’s page names what to look for.',
  ),
  usage: null,
  findings: null,
  not_found: null,
  refused: null,
  blocked: null,
  conflict: null,
  forbidden: null,
  unauthenticated: null,
  confirm_password: null,
  cross_origin: null,
  too_many_requests: null,
  unavailable: say('Lifeboat’s own catalogue, or what it stands on, did not answer.', 'See that the catalogue’s server runs and has room.'),
  interrupted: say(
    'The worker that ran it died or was stopped.',
    'See on Settings, Workers that one is alive. What only reads is started again by itself; anything else says what to look at.',
  ),
  cancelled: null,
  unreachable: offline,
  access_denied: say(
    'The server knows the worker and turns its user or password down.',
    'Check user and password on the page of the database, and what pg_hba.conf allows for the worker’s address.',
  ),
  tls: say(
    'The other side did not prove who it is; no password was sent.',
    'Upload the CA certificate that signed its certificate, use the host name that stands in it, and renew it where it has ended.',
  ),
  transaction_pooler: say(
    'The address is that of a pooler that gives every statement another connection; a consistent dump needs one session.',
    'Use the direct address of the server, or the pooler in session mode.',
  ),
  server_too_new: say('The server is newer than the PostgreSQL tools of every worker.', 'Install the client tools of its major version on a worker.'),
  tools_missing: say('No worker has the PostgreSQL tools that this needs.', 'Install the client tools; a worker finds them within a minute.'),
  tools_outdated: say('The PostgreSQL tools of the worker have a known hole.', 'Update them to the newest minor version.'),
  privileges: say('The role may not read or change what it has to.', 'Grant it what the message names; pg_read_all_data is enough to back up.'),
  row_security: say('Row security would have left rows out, and a backup with gaps is none.', 'Give the role of the backup BYPASSRLS.'),
  lock_timeout: say(
    'Another session held a lock for too long.',
    'Find it in pg_locks and pg_stat_activity: a migration, a forgotten transaction. Then start it again.',
  ),
  too_many_connections: say(
    'The server had no free connection.',
    'Free some, see pg_stat_activity for idle in transaction, or raise max_connections.',
  ),
  value_too_large: say('A row is larger than PostgreSQL can hand out as text.', 'Keep that value as a large object or in several rows.'),
  disk_full: say(
    'A disk is full.',
    'Free room where the message says, or move LIFEBOAT_STAGING to a larger disk. What was stored before is untouched.',
  ),
  stalled: say(
    'Nothing moved for so long that it was given up.',
    'Look at the network and at what the server waits for in pg_stat_activity, then start it again.',
  ),
  storage_absent: say(
    'The place of the storage is not there: a disk that is not mounted, a bucket that is gone.',
    'Mount or make it again: lifeboat check-cloud.',
  ),
  storage_refused: say('The storage turned the credentials or the request down.', 'Check the keys and their rights on the page of the storage.'),
  storage_unreachable: say(
    'The storage did not answer, also after several tries.',
    'Check network and endpoint: lifeboat check-cloud. Copies that wait are made later.',
  ),
  clock_skew: say(
    'The clock of the worker’s machine is wrong, so the storage trusts none of its requests.',
    'Set the clock by NTP; the keys are not the problem.',
  ),
  corrupt: say(
    'What was read back is not what was stored.',
    'Repair that copy from a good one on the page of the backup, and distrust the storage it lies on.',
  ),
  missing: say('Something that has to lie on the storage is not there.', 'Make the copy again from another one, and find out who deletes there.'),
  wrong_key: say('The key does not open this backup.', 'Use the key that the message names; see Settings, Keys.'),
  key_missing: say('The key that opens it is not on this worker.', 'Bring the key file back, or use the recovery key.'),
  tool_failed: say('A PostgreSQL tool gave up, most often because the server did.', 'Read the server’s own log at that time.'),
  target_exists: null,
  target_changed: null,
} satisfies Record<ErrorCode, ExplainedFault | null>

const lost = say(
  'The connection broke in the middle.',
  'The server restarted, ended the session, or a firewall cut a quiet connection: read the server’s log at that time.',
)

/** By the words of servers and systems, in their English; the first that fits. */
const byWords: readonly (readonly [RegExp, ExplainedFault | ErrorCode])[] = [
  [/no space left on device|disk quota exceeded|\bENOSPC\b|disk is full/i, 'disk_full'],
  [/too many clients|remaining connection slots|too many connections|no more connections allowed/i, 'too_many_connections'],
  [/password authentication failed|no pg_hba\.conf entry|\bSASL\b/i, 'access_denied'],
  [
    /could not translate host name|cannot be resolved|\bENOTFOUND\b|\bEAI_AGAIN\b/i,
    say('The host name leads nowhere from the worker’s machine.', 'Check the name and the DNS there.'),
  ],
  [/nothing answers at/i, offline],
  [
    /connection refused|\bECONNREFUSED\b/i,
    say(
      'Nothing listens at that address.',
      'Check that what should answer there runs, that host and port are right, and that no firewall stands between.',
    ),
  ],
  [
    /\bETIMEDOUT\b|timeout expired|connection timed out/i,
    say('The other side did not answer in time.', 'Check that it runs, and that no firewall between drops what the worker sends.'),
  ],
  // before what is said of certificates: these words of libpq begin with SSL, and nothing was wrong with that
  [
    /terminating connection|server closed the connection|connection terminated|closed the connection|connection has been closed|SSL SYSCALL error|unexpected eof|\bECONNRESET\b|\bEPIPE\b/i,
    lost,
  ],
  [/lock timeout|could not obtain lock/i, 'lock_timeout'],
  [
    /statement timeout/i,
    say(
      'The server ended a statement that took longer than it allows.',
      'Raise statement_timeout for the role: ALTER ROLE … SET statement_timeout = 0.',
    ),
  ],
  [/server version mismatch/i, 'server_too_new'],
  [/row.level security|row security/i, 'row_security'],
  // a server names the object it denies; a system names a file
  [
    /\bEACCES\b|\bEPERM\b|could not (open|create|read|write|access|stat)[^:]*(file|directory)[^:]*: permission denied/i,
    say('The system does not let the process into that file or folder.', 'Give the user that the process runs as the right to it.'),
  ],
  [/permission denied|must be owner of|insufficient privilege/i, 'privileges'],
  [
    /out of memory|cannot allocate memory|\bSIGKILL\b|\bENOMEM\b/i,
    say('Memory ran out, and the system ended what took the most.', 'Give the machine more, or run fewer operations at once.'),
  ],
  [
    /extension "[^"]*" is not available|could not open extension control file/i,
    say(
      'The target has not the software of an extension that the backup uses.',
      'Install its package on the target’s server, or restore without it.',
    ),
  ],
  [
    /role "[^"]*" does not exist/i,
    say(
      'A role that owns something or was granted something is not on the target.',
      'Make it there, or let the restore map or make the missing roles.',
    ),
  ],
  [/RequestTimeTooSkewed|RequestExpired/i, 'clock_skew'],
  [/\bAccessDenied\b|InvalidAccessKeyId|SignatureDoesNotMatch/i, 'storage_refused'],
  [/\bNoSuchBucket\b/i, 'storage_absent'],
  [/\bSlowDown\b|ServiceUnavailable|Throttling/i, 'storage_unreachable'],
  [
    /server does not support SSL/i,
    say(
      'The server does not encrypt connections; no password was sent.',
      'Turn ssl on at the server: Lifeboat speaks to a foreign host only encrypted.',
    ),
  ],
  [
    /certificate verify failed|certificate has expired|self.signed|unable to (get|verify)[^.]*certificate|does not match certificate|does not match host name/i,
    'tls',
  ],
  [/read-only file system|\bEROFS\b/i, say('The disk does not take writes any more.', 'Most often the system found it damaged: read its log.')],
]

/** null: no common fault. `code`: what the operation ended with, where the message is its end. */
export function explainFault(message: string, code: string | null = null): ExplainedFault | null {
  const known = code !== null && isErrorCode(code) ? byCode[code] : null
  if (known !== null) return known
  const found = byWords.find(([words]) => words.test(message))?.[1]
  return typeof found === 'string' ? byCode[found] : (found ?? null)
}

function isErrorCode(code: string): code is ErrorCode {
  return code in errorCodes
}
