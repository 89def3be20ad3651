import type { Finding } from '#lib/domain/plan.ts'
import type { Severity } from '#lib/domain/states.ts'
import { holderRemedy, holderText } from '#lib/engine/postgres/target-lock.ts'
import type { FullRestore } from './definition.ts'
import type { TargetServer, Wanted } from './look-at-target.ts'

type Input = Pick<FullRestore, 'targetDbname' | 'missingRoles'>

/** What stands between this backup and this server, each with its remedy. Pure, so that every line of it is tested. */
export function targetFindings(target: TargetServer, manifest: Wanted, input: Input): Finding[] {
  return [
    ...aboutServer(target, manifest),
    ...aboutName(target, input),
    ...aboutRoles(target, input),
    ...aboutExtensions(target),
    ...aboutTablespaces(target),
  ]
}

function aboutServer(target: TargetServer, manifest: Wanted): Finding[] {
  const source = Math.floor(manifest.versions.serverNum / 10_000)
  const major = Math.floor(target.versionNum / 10_000)
  const findings: Finding[] = []
  if (target.isPooler) {
    findings.push(throughPooler)
  }
  if (target.inRecovery) {
    findings.push(blocker('read_only_server', 'The target server is a standby: nothing can be created there.', 'Choose the primary server.'))
  }
  if (!target.mayCreateDatabases) {
    findings.push(
      blocker(
        'privileges',
        'The role that connects may not create databases on the target server.',
        'Grant it CREATEDB, or register the server with a role that has it.',
      ),
    )
  }
  if (major < source) {
    findings.push(
      one(
        'blocker',
        'server_older',
        `The target server is PostgreSQL ${major}, and the backup was taken from ${source}.`,
        `Restore onto PostgreSQL ${source} or newer. Overridden, each statement is fed by itself, and the first that the older server refuses ends the restore by name.`,
        true,
      ),
    )
  } else {
    findings.push(passed('server_version', `PostgreSQL ${target.version} restores a dump of ${manifest.versions.server}.`))
  }
  findings.push(aboutLocale(target, manifest))
  return findings
}

/** A sort order is the machine's, not the backup's: what is built on it is built anew, and what it decides is checked by the server again. */
function aboutLocale({ missingLocales }: TargetServer, { settings }: Wanted): Finding {
  if (missingLocales.length > 0)
    return warning(
      'locale',
      `The target server does not list the locale ${missingLocales.join(', ')}.`,
      'Install the locale on the server first; otherwise creating the database fails, and nothing else is touched.',
    )
  return passed(
    'locale',
    `The target server knows the locale ${[...new Set([settings.lc_collate, settings.lc_ctype])].join(', ')}. Every index is built anew there, so another version of its rules of sorting does no harm to them.`,
  )
}

function aboutName(target: TargetServer, input: Input): Finding[] {
  if (target.heldBy !== null) {
    const who = holderText(target.heldBy)
    return [blocker('target_held', `Another restore into ${input.targetDbname} is at work on the target server: ${who}.`, holderRemedy)]
  }
  if (!target.targetExists)
    return [
      passed('target_free', `No database is called ${input.targetDbname} on the target server: a new one is created and nothing is overwritten.`),
    ]
  return [
    blocker(
      'target_exists',
      `A database called ${input.targetDbname} exists on the target server.`,
      'Choose another name, or replace it: then the old one is kept and can be swapped back. An existing database is never overwritten here.',
    ),
  ]
}

function aboutRoles(target: TargetServer, input: Input): Finding[] {
  if (target.missingRoles.length === 0) return [passed('roles', 'Every role that owns objects or holds privileges exists on the target server.')]
  const names = target.missingRoles.map((role) => `“${role}”`).join(', ')
  const message = `${target.missingRoles.length === 1 ? 'Role' : 'Roles'} ${names} ${target.missingRoles.length === 1 ? 'does' : 'do'} not exist on the target server.`
  if (input.missingRoles === 'drop_grants') {
    return [
      one(
        'warning',
        'roles_dropped',
        `${message} Owners and privileges are left out.`,
        'Everything will belong to the connecting role; the result lists what was left out.',
        true,
      ),
    ]
  }
  if (input.missingRoles === 'create') {
    if (!target.mayCreateRoles) {
      return [
        blocker(
          'roles_missing',
          `${message} The connecting role may not create them.`,
          'Map them to roles that are there, create them yourself, connect as a role with CREATEROLE, or leave owners and privileges out.',
        ),
      ]
    }
    return [
      one('warning', 'roles_created', `${message} They are created without a password and cannot log in.`, 'Give them passwords afterwards.', true),
    ]
  }
  return [
    blocker(
      'roles_missing',
      message,
      'Map them to roles that are there, create them without a password, or leave owners and privileges out: choose one in the restore.',
    ),
  ]
}

function aboutExtensions(target: TargetServer): Finding[] {
  const findings = target.extensions.flatMap((extension) => {
    if (extension.available.length === 0) {
      return [
        blocker(
          'extension_missing',
          `Extension ${extension.name} is not available on the target server.`,
          `Install the package of ${extension.name} ${extension.wanted} there.`,
        ),
      ]
    }
    if (!target.superuser && !extension.trusted) {
      return [
        blocker(
          'extension_untrusted',
          `Extension ${extension.name} may be created by a superuser only, and the role that connects is none.`,
          'Let a superuser register the server, or take the extension out of the database before the next backup.',
        ),
      ]
    }
    if (extension.available.includes(extension.wanted)) return []
    return [
      one(
        'warning',
        'extension_version',
        `Extension ${extension.name} was ${extension.wanted}; the target server offers ${extension.available.join(', ')}.`,
        `${extension.byDefault === null ? 'The default version of the target' : `Version ${extension.byDefault}`} is created. Check that your functions work with it.`,
        true,
      ),
    ]
  })
  if (findings.length > 0) return findings
  const count = target.extensions.length
  return [
    passed(
      'extensions',
      count === 0
        ? 'The backup needs no extensions.'
        : `${count} ${count === 1 ? 'extension is' : 'extensions are'} available in the same ${count === 1 ? 'version' : 'versions'}.`,
    ),
  ]
}

function aboutTablespaces(target: TargetServer): Finding[] {
  if (target.missingTablespaces.length === 0) return []
  return [
    one(
      'blocker',
      'tablespaces',
      `Tablespaces ${target.missingTablespaces.join(', ')} do not exist on the target server.`,
      'Create them, or override this to put everything into the default tablespace.',
      true,
    ),
  ]
}

function one(severity: Severity, code: string, message: string, remedy: string, overridable: boolean): Finding {
  return { severity, code, message, remedy, overridable }
}

export const throughPooler = blocker(
  'transaction_pooler',
  'The connection goes through a transaction pooler, on which nothing of a restore would hold.',
  'Register the server by its direct address, or by a pooler in session mode (on Supabase port 5432, not 6543).',
)

export function blocker(code: string, message: string, remedy: string): Finding {
  return one('blocker', code, message, remedy, false)
}

export function passed(code: string, message: string): Finding {
  return one('info', code, message, '', false)
}

export function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: true }
}
