import type { Finding } from '#lib/domain/plan.ts'
import type { Target } from './fan-out.ts'

/** Storages that cannot be written now: a warning each, blockers where none is left. */
export function storageFindings(targets: readonly Target[]): Finding[] {
  const dead = targets.filter((target) => target.problem !== null)
  return dead.map((target) => ({
    severity: dead.length === targets.length ? 'blocker' : 'warning',
    code: target.problem?.code ?? 'storage_absent',
    message: `Storage ${target.storageName}: ${target.problem?.message ?? 'not usable'}`,
    remedy: target.problem?.hint ?? '',
    overridable: false,
  }))
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
