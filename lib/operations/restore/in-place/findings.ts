import type { Manifest } from '#lib/domain/manifest.ts'
import type { Finding, Plan } from '#lib/domain/plan.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { InPlaceChoice } from '#lib/engine/postgres/in-place-choose.ts'
import { nameOfEntry } from '#lib/engine/postgres/in-place-entries.ts'
import type { LiveDatabase } from '#lib/engine/postgres/in-place-live.ts'
import type { Toc } from '#lib/engine/postgres/toc.ts'
import { blocker, passed } from '../findings.ts'

/** What a new database asks for, and one that is there does not. */
export const onlyOfNewDatabases: ReadonlySet<string> = new Set([
  'privileges',
  'target_exists',
  'target_free',
  'target_space',
  'locale',
  'changes_since',
])

export interface InPlaceFacts {
  dbname: string
  manifest: Manifest
  toc: Toc
  live: LiveDatabase
  choice: InPlaceChoice
  /** descriptions of what has no entry of its own */
  unnamed: readonly string[]
}

const namedAtMost = 20

/** What stands in the way of replacing these objects, and what a person should know. Pure. */
export function inPlaceFindings(facts: InPlaceFacts): Finding[] {
  return [...aboutDependents(facts), ...aboutRights(facts), ...aboutRoom(facts), ...aboutLocks(facts), ...aboutOthers(facts)]
}

function aboutDependents({ choice, unnamed }: InPlaceFacts): Finding[] {
  const findings: Finding[] = []
  const byChoice = choice.stuck.filter((one) => one.choice).map((one) => one.object)
  const never = [...choice.stuck.filter((one) => !one.choice).map((one) => `${one.object} (${one.cause})`), ...unnamed]
  if (byChoice.length > 0) {
    findings.push(
      blocker(
        'dependents',
        `${formatCount(byChoice.length, 'live object')} that the backup does not know ${byChoice.length === 1 ? 'depends' : 'depend'} on what is replaced: ${list(byChoice)}.`,
        'Choose to have them dropped and made again as they are now, or drop them yourself.',
      ),
    )
  }
  if (never.length > 0) {
    findings.push(
      blocker(
        'dependents_stuck',
        `What is live and not in the backup stands in the way: ${list(never)}.`,
        'They cannot be dropped and made again without loss. Take them out of the way yourself, or restore into a new database.',
      ),
    )
  }
  if (choice.otherKind.length > 0) {
    findings.push(
      blocker('other_kind', `Names are taken by something else: ${list(choice.otherKind)}.`, 'Rename or drop what is there now, then plan again.'),
    )
  }
  if (findings.length === 0) {
    const again = choice.recreate.length > 0 ? ` but ${formatCount(choice.recreate.length, 'definition')} that are dropped and made again` : ''
    findings.push(passed('dependents', `Nothing live that the backup does not know depends on what is replaced${again}.`))
  }
  return findings
}

function aboutRights({ choice, live, toc, manifest }: InPlaceFacts): Finding[] {
  const findings: Finding[] = []
  if (choice.notOurs.length > 0) {
    findings.push(
      blocker(
        'not_owner',
        `The connecting role may not drop what is to be replaced: ${list(choice.notOurs)}.`,
        'Connect as their owner, or as a role that is a member of it.',
      ),
    )
  }
  if (choice.owners.length > 0) {
    findings.push(
      blocker(
        'owner_role',
        `The connecting role cannot give objects to ${list(choice.owners)}.`,
        'Make it a member of these roles, or leave owners and privileges out.',
      ),
    )
  }
  if (choice.grantsOfOthers.length > 0) {
    findings.push(
      blocker(
        'grants_of_others',
        `Privileges that somebody else than the owner granted can be given again by a superuser only: ${list(choice.grantsOfOthers)}.`,
        'Leave owners and privileges out, or connect as a superuser.',
      ),
    )
  }
  const schemas = choice.create.filter((entry) => entry.desc === 'SCHEMA').map((entry) => entry.tag)
  if (schemas.length > 0 && !live.mayCreateSchemas) {
    findings.push(
      blocker('schema_rights', `The connecting role may not create schemas, and needs ${list(schemas)}.`, 'Grant it CREATE on the database.'),
    )
  }
  if (toc.encoding !== 'UTF8') {
    findings.push(
      blocker(
        'encoding',
        `The backup is in ${toc.encoding}; in place only UTF8 can be restored.`,
        'Restore into a new database, where the server allows it.',
      ),
    )
  }
  for (const { name, version } of manifest.needs.extensions) {
    const there = live.extensions.get(name)
    if (there === undefined || there === version) continue
    findings.push({
      severity: 'warning',
      code: 'extension_version',
      message: `Extension ${name} was ${version} and is ${there} here. It stays as it is.`,
      remedy: 'Check that your functions work with it.',
      overridable: true,
    })
  }
  return findings
}

function aboutRoom({ manifest, live }: InPlaceFacts): Finding[] {
  return [
    {
      severity: 'warning',
      code: 'target_space',
      message: `Needs about ${formatBytes(manifest.needs.databaseBytes)} more on the target server than the ${formatBytes(live.databaseBytes)} that the database has now: old and new tables stand side by side until the commit. Its free space cannot be seen through SQL.`,
      remedy:
        'Look at the disk of the target server before you go on. A full disk fails the restore and rolls it back, and may stop other databases.',
      overridable: true,
    },
  ]
}

/**
 * Each object that is dropped or made takes an entry in the server's table of locks until the commit; a table four, with what it keeps out of
 * line and the sequence or key that comes with it. A large object takes one, however often it is touched (measured on 15: when it is unlinked,
 * or given an owner).
 */
export function locksNeeded({ choice, toc }: Pick<InPlaceFacts, 'choice' | 'toc'>): number {
  const made = choice.create.reduce((sum, { desc }) => sum + (/^(TABLE|MATERIALIZED VIEW)$/.test(desc) ? 4 : 1), 0)
  return choice.gone + made + choice.recreate.length + largeObjectsOf(toc)
}

export function largeObjectsOf(toc: Toc): number {
  let count = 0
  for (const _ of toc.largeObjects.objects()) count++
  return count
}

function aboutLocks(facts: InPlaceFacts): Finding[] {
  const needed = locksNeeded(facts)
  const text = `The transaction needs about ${formatCount(needed, 'lock')}; the server’s table has room for about ${formatCount(facts.live.lockCapacity)}.`
  if (needed <= facts.live.lockCapacity) return [passed('locks', text)]
  return [
    {
      severity: 'blocker',
      code: 'locks',
      message: text,
      remedy: 'Raise max_locks_per_transaction there, which takes a restart, or restore into a new database.',
      overridable: true,
    },
  ]
}

function aboutOthers({ dbname, choice, live }: InPlaceFacts): Finding[] {
  const findings: Finding[] = [
    {
      severity: 'warning',
      code: 'in_use',
      message: `${formatCount(live.sessions, 'other session')} ${live.sessions === 1 ? 'uses' : 'use'} ${dbname}. Until the commit nobody can read or write what is replaced, and what was written after the safety backup’s snapshot will be in neither.`,
      remedy: 'Stop what writes to it, or let it wait.',
      overridable: true,
    },
  ]
  if (choice.leftOut.length > 0) {
    findings.push({
      severity: 'warning',
      code: 'left_out',
      message: `Left out, and named in the result: ${list(choice.leftOut.map((one) => one.object))}.`,
      remedy: 'They stay as they are now.',
      overridable: true,
    })
  }
  if (choice.goes.length > 0) {
    findings.push({
      severity: 'warning',
      code: 'goes_along',
      message: `Not in the backup, and gone with the tables that they belong to: ${list(choice.goes.map(nameOfEntry))}.`,
      remedy: 'The safety backup holds them. Make them again afterwards where you want them.',
      overridable: true,
    })
  }
  return findings
}

/** Every live object that the backup does not know and that is concerned, with what happens to it. */
export function dependenciesOf({ choice, unnamed }: Pick<InPlaceFacts, 'choice' | 'unnamed'>): Plan['dependencies'] {
  const stuck = new Set(choice.stuck.map((one) => one.object))
  return [
    ...choice.stuck.map(({ object, cause, choice: possible }) => ({
      object,
      what: possible ? `${cause} It can be dropped and made again, if you choose so.` : cause,
    })),
    ...unnamed.map((object) => ({ object, what: 'It depends on what is replaced, and cannot be dropped and made again without loss.' })),
    ...choice.recreate
      .filter((entry) => !stuck.has(nameOfEntry(entry)))
      .map((entry) => ({ object: nameOfEntry(entry), what: 'dropped and made again as it is now' })),
    ...choice.goes.map((entry) => ({ object: nameOfEntry(entry), what: 'goes with what it belongs to: it is not in the backup' })),
    ...choice.stays.map((entry) => ({
      object: nameOfEntry(entry),
      what: 'stays: it is not in the backup, and nothing that is replaced concerns it',
    })),
  ]
}

function list(names: readonly string[]): string {
  const named = names.slice(0, namedAtMost).join(', ')
  return names.length > namedAtMost ? `${named} and ${names.length - namedAtMost} more` : named
}
