/** The screens that exist: the side navigation, the palette and the shortcuts read this list. `g` then the letter goes there. */
export const screens = [
  { href: '/', label: 'Overview', group: null, letter: 'o' },
  { href: '/databases', label: 'Databases', group: 'Protect', letter: 'd' },
  { href: '/backups', label: 'Backups', group: 'Protect', letter: 'b' },
  { href: '/schedules', label: 'Schedules', group: 'Protect', letter: 'c' },
  { href: '/retention', label: 'Retention', group: 'Protect', letter: 'n' },
  { href: '/storages', label: 'Storages', group: 'Protect', letter: 's' },
  { href: '/restore', label: 'Restore', group: 'Recover', letter: 'r' },
  { href: '/runbooks', label: 'Runbooks', group: 'Recover', letter: 'u' },
  { href: '/alerts', label: 'Alerts', group: 'Watch', letter: 'a' },
  { href: '/checks', label: 'Checks', group: 'Watch', letter: 'k' },
  { href: '/operations', label: 'Operations', group: 'Watch', letter: 'p' },
  { href: '/logs', label: 'Logs', group: 'Watch', letter: 'l' },
  { href: '/reports', label: 'Reports', group: 'Prove', letter: 'e' },
  { href: '/settings', label: 'Settings', group: 'Set up', letter: 't' },
] as const

export const groups = [null, 'Protect', 'Recover', 'Watch', 'Prove', 'Set up'] as const

/** `/backups/42` is part of `/backups`; `/` is only itself. */
export function isWithin(pathname: string, href: string): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`)
}
