import { LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Target } from './fan-out.ts'

/** Storages that cannot be written now: a warning each, blockers where none is left. An absent offline medium is told, and is no warning. */
export function storageFindings(targets: readonly Target[]): Finding[] {
  const dead = targets.filter((target) => target.problem !== null)
  return dead.map((target) => ({
    severity: dead.length === targets.length ? 'blocker' : target.waits ? 'info' : 'warning',
    code: target.waits ? 'copy_waits' : (target.problem?.code ?? 'storage_absent'),
    message: target.waits
      ? `Storage ${target.storageName} is offline now: its copy waits until it is back.`
      : `Storage ${target.storageName}: ${target.problem?.message ?? 'not usable'}`,
    remedy: target.waits ? 'It is made from another copy then, by itself.' : (target.problem?.hint ?? ''),
    overridable: false,
  }))
}

const refusals: readonly string[] = ['refused', 'disk_full']

/** Throws `blocked` where each storage is refused: before anything is read from the database. */
export function assertSomewhereAllowed(targets: readonly Target[]): void {
  const problems = targets.flatMap((target) => target.problem ?? [])
  const [first] = problems
  if (first === undefined || problems.length < targets.length || !problems.every((problem) => refusals.includes(problem.code))) return
  throw new LifeboatError('blocked', problems.map((problem) => problem.message).join(' '), first.hint, {
    detail: { findings: storageFindings(targets) },
  })
}

/** Empty: what is stored can be sealed here. */
export function keyFinding(context: { keys: object | null }): Finding[] {
  if (context.keys !== null) return []
  return [
    {
      severity: 'blocker',
      code: 'key_missing',
      message: 'The encryption key is not readable on this machine.',
      remedy: 'Put LIFEBOAT_KEY or its key file back (mode 0400). Nothing is ever stored in clear.',
      overridable: false,
    },
  ]
}
