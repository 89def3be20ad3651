import type { Command } from 'commander'

/** What `lifeboat --help` says of a command, and where the command is. A test holds both together. */
interface Listed {
  /** after its name: `[options] <backup>` */
  usage: string
  description: string
  load(): Promise<(program: Command) => void>
}

/**
 * Every command, in the order of the help. Only the one that was asked for is loaded: the catalogue, the queue and the engine behind them take
 * longer to load than most commands take to answer.
 */
export const commands: Readonly<Record<string, Listed>> = {
  backup: {
    usage: '[options] <tier>',
    description: 'take a backup, store a copy on each storage and verify every copy',
    load: async () => (await import('./commands/backup.ts')).addBackup,
  },
  'list-backups': {
    usage: '[options]',
    description: 'the backups there are, newest first; exits 3 when a database has no restorable point in its objective, or a copy is bad',
    load: async () => (await import('./commands/list-backups.ts')).addListBackups,
  },
  'verify-backup': {
    usage: '[options] <backup>',
    description: 're-read, authenticate and hash every stored byte of each copy',
    load: async () => (await import('./commands/verify-backup.ts')).addVerifyBackup,
  },
  prune: {
    usage: '[options]',
    description: 'delete the copies that the rules let go; happens daily by itself',
    load: async () => (await import('./commands/prune.ts')).addPrune,
  },
  hold: {
    usage: '',
    description: 'what keeps a backup, whatever the rules say: add, release, list',
    load: async () => (await import('./commands/hold.ts')).addHold,
  },
  schedule: {
    usage: '',
    description: 'when each database is backed up: list, add, change, pause, resume, remove, preview, standard',
    load: async () => (await import('./commands/schedule.ts')).addSchedules,
  },
  copy: {
    usage: '[options] <backup>',
    description: 'make a copy of a backup on another storage from its other copies, make a bad one good again, or move one',
    load: async () => (await import('./commands/copy.ts')).addCopy,
  },
  look: {
    usage: '[options] <backup> <verdict>',
    description: 'say of a suspicious backup that it is fine, and counts, or that it is bad',
    load: async () => (await import('./commands/look.ts')).addLook,
  },
  'restore-full': {
    usage: '[options] <backup>',
    description: 'restore a whole backup into a new database and compare every table with the manifest',
    load: async () => (await import('./commands/restore-full.ts')).addRestoreFull,
  },
  'restore-table': {
    usage: '[options] <backup> <table>',
    description: 'bring one table back, beside the live one or in its place; reads that table’s entry and nothing else',
    load: async () => (await import('./commands/restore-table.ts')).addRestoreTable,
  },
  runbook: {
    usage: '[options] <scenario>',
    description: 'what to do, step by step, with the real names of a database; print it before the day',
    load: async () => (await import('./commands/runbook.ts')).addRunbook,
  },
  'emergency-clone': {
    usage: '[options]',
    description: 'stream a live database into a new one, with no storage in between, and compare them',
    load: async () => (await import('./commands/emergency-clone.ts')).addEmergencyClone,
  },
  undo: {
    usage: '',
    description: 'databases that were replaced and are kept: swap them back, or drop them',
    load: async () => (await import('./commands/undo.ts')).addUndo,
  },
  import: {
    usage: '[options] <file>',
    description: 'make a backup of a file of the older scripts: .sql, .sql.gz, .sql.gz.enc, .dump; on or off as its argument allow it or do not',
    load: async () => (await import('./commands/import.ts')).addImport,
  },
  'health-check': {
    usage: '[options]',
    description: 'every check of everything that Lifeboat watches; exits 3 when something is wrong',
    load: async () => (await import('./commands/health-check.ts')).addHealthCheck,
  },
  alert: {
    usage: '',
    description: 'what is wrong: list, show, acknowledge, silence',
    load: async () => (await import('./commands/alert.ts')).addAlert,
  },
  'check-database': {
    usage: '[options] [name]',
    description: 'whether databases answer and can be backed up now; writes nothing to them; exits 3 when something is wrong',
    load: async () => (await import('./commands/check-database.ts')).addCheckDatabase,
  },
  'check-cloud': {
    usage: '[options] [names...]',
    description: 'whether storages take and give back what is stored, and how full they are; exits 3 when something is wrong',
    load: async () => (await import('./commands/check-cloud.ts')).addCheckCloud,
  },
  database: {
    usage: '',
    description: 'the databases that Lifeboat protects',
    load: async () => (await import('./commands/database.ts')).addDatabase,
  },
  storage: {
    usage: '',
    description: 'the places that keep backups',
    load: async () => (await import('./commands/storage.ts')).addStorage,
  },
  channel: {
    usage: '',
    description: 'who is told: list, add, change, pause, resume, test, remove',
    load: async () => (await import('./commands/channel.ts')).addChannels,
  },
  contact: {
    usage: '',
    description: 'whom to call, in order: list, add, change, remove',
    load: async () => (await import('./commands/contact.ts')).addContacts,
  },
  escalation: {
    usage: '',
    description: 'who is called, and when, where nobody answers: show, set',
    load: async () => (await import('./commands/escalation.ts')).addEscalation,
  },
  heartbeat: {
    usage: '',
    description: 'a service that hears of Lifeboat and calls when it hears nothing: show, set, test, remove',
    load: async () => (await import('./commands/heartbeat.ts')).addHeartbeat,
  },
  retention: {
    usage: '',
    description: 'how long backups stay, and why',
    load: async () => (await import('./commands/retention.ts')).addRetention,
  },
  user: { usage: '', description: 'people with an account', load: async () => (await import('./commands/user.ts')).addUser },
  operations: {
    usage: '',
    description: 'what was done, is being done and waits',
    load: async () => (await import('./commands/operations.ts')).addOperations,
  },
  logs: {
    usage: '[options]',
    description: 'what operations wrote, oldest first, with common faults explained beside their line',
    load: async () => (await import('./commands/logs.ts')).addLogs,
  },
  catalog: { usage: '', description: 'the catalogue of backups', load: async () => (await import('./commands/catalog.ts')).addCatalog },
  audit: { usage: '', description: 'the audit trail', load: async () => (await import('./commands/audit.ts')).addAudit },
  key: { usage: '', description: 'the keys', load: async () => (await import('./commands/key.ts')).addKey },
  doctor: {
    usage: '',
    description: 'whether this machine has what Lifeboat needs',
    load: async () => (await import('./commands/doctor.ts')).addDoctor,
  },
}

/** The command that the words ask for, also after `help`; null: none that there is, or help about all. Options before a command take no values. */
export function askedFor(words: readonly string[]): string | null {
  const begin = words.findIndex((word) => !word.startsWith('-'))
  if (words.slice(0, begin).some((word) => word === '-h' || word === '--help')) return null
  const [first, second] = words.slice(begin).filter((word) => !word.startsWith('-'))
  const name = (first === 'help' ? second : first) ?? ''
  return Object.hasOwn(commands, name) ? name : null
}

/** Only the names, for the help and for what there is no such command as. */
export function addNames(program: Command): void {
  for (const [name, { description }] of Object.entries(commands)) program.command(name).description(description)
  program.configureHelp({
    subcommandTerm: (command) => {
      const usage = commands[command.name()]?.usage ?? '[command]'
      return usage === '' ? command.name() : `${command.name()} ${usage}`
    },
  })
}
