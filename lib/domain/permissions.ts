/** Who may do what: one table, read by every route, page, button and the CLI. CONTRACT.md, "Roles". */
export const roles = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

export const permissions = {
  'catalog.read': ['viewer', 'operator', 'admin'],
  'backup.run': ['operator', 'admin'],
  'backup.verify': ['operator', 'admin'],
  /** at a suspicious backup: what is found fine counts again */
  'backup.look': ['operator', 'admin'],
  'check.run': ['operator', 'admin'],
  'restore.plan': ['operator', 'admin'],
  /** into a new database on the source's server */
  'restore.new': ['operator', 'admin'],
  /** onto another server: a way to carry data out */
  'restore.elsewhere': ['admin'],
  /** into a live database, or in its place */
  'restore.overwrite': ['admin'],
  /** swap back, or drop the kept database */
  'restore.undo': ['admin'],
  /** a second person's word; never the one who asked */
  'restore.approve': ['admin'],
  /** on the source's own server; elsewhere it is restore.elsewhere */
  'clone.run': ['operator', 'admin'],
  'import.run': ['admin'],
  'runbook.record': ['operator', 'admin'],
  'operation.cancel': ['operator', 'admin'],
  'database.write': ['admin'],
  'storage.write': ['admin'],
  'storage.reconcile': ['admin'],
  'schedule.write': ['admin'],
  'retention.write': ['admin'],
  'prune.run': ['admin'],
  'hold.place': ['operator', 'admin'],
  'hold.release': ['admin'],
  'copy.run': ['operator', 'admin'],
  /** the copy it was made from goes */
  'copy.move': ['admin'],
  /** acknowledge, silence */
  'alert.answer': ['operator', 'admin'],
  /** channels, contacts, escalation, the heartbeat */
  'watch.write': ['admin'],
  'key.manage': ['admin'],
  'people.manage': ['admin'],
  'audit.read': ['admin'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof permissions

export function allows(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role)
}

/** The sentence a disabled control or a 403 shows. */
export function reasonDenied(permission: Permission): string {
  return `This needs the role ${permissions[permission].join(' or ')}.`
}
