import type { Finding } from '#lib/domain/plan.ts'
import type { FullRestore } from './definition.ts'
import { passed, warning } from './findings.ts'

/** The map that is carried out: where owners and privileges are left out there is no role to map. */
export function roleMapOf(input: Pick<FullRestore, 'roleMap' | 'missingRoles'>): FullRestore['roleMap'] {
  return input.missingRoles === 'drop_grants' ? {} : input.roleMap
}

/** What the target must have: in the place of a mapped role the one that takes its place. */
export function withMappedRoles<T extends { needs: { roles: string[] } }>(manifest: T, input: Pick<FullRestore, 'roleMap' | 'missingRoles'>): T {
  if (input.missingRoles === 'drop_grants') return manifest
  const roles = [...new Set(manifest.needs.roles.map((role) => (Object.hasOwn(input.roleMap, role) ? (input.roleMap[role] ?? role) : role)))]
  return { ...manifest, needs: { ...manifest.needs, roles } }
}

/** Says of each mapped role what becomes of it, and of each that the backup does not know. Pure. */
export function roleMapFindings(roles: readonly string[], input: Pick<FullRestore, 'roleMap' | 'missingRoles'>): Finding[] {
  const map = Object.entries(input.roleMap)
  if (map.length === 0) return []
  if (input.missingRoles === 'drop_grants')
    return [
      warning(
        'role_map_unused',
        'Owners and privileges are left out, so no role is mapped.',
        'Map roles, or leave owners and privileges out: one of both.',
      ),
    ]
  return map.map(([from, to]) => {
    if (!roles.includes(from)) return warning('role_map_unknown', `The backup names no role “${from}”.`, 'Check how the role is spelt.')
    const others = map.filter(([other, into]) => into === to && other !== from)
    const shared = others.length > 0 || roles.includes(to) ? ` It has its own as well: what either of them could do, “${to}” can.` : ''
    return passed('role_mapped', `What belongs to “${from}” goes to “${to}”, with its privileges and policies.${shared}`)
  })
}
