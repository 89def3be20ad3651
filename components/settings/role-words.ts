import type { Role } from '#lib/domain/permissions.ts'

/** What each role may do, as people read it. */
export const roleWords = {
  viewer: 'reads everything, changes nothing',
  operator: 'also backs up, verifies, and restores into new databases on the same server',
  admin: 'everything, including databases, storages, keys and people',
} satisfies Record<Role, string>
