import { formatCount } from '../units.ts'
import type { ChannelView } from '../watch-views.ts'

/** Of which databases a channel hears, where it was given some: also that one is gone, or not shown to the reader. */
export function databaseWords({ databases, unseenDatabases }: Pick<ChannelView, 'databases' | 'unseenDatabases'>): string {
  const named = databases.map((one) => (one.removed ? `${one.name} (taken off the list)` : one.name))
  const hidden = unseenDatabases === 0 ? [] : [`${formatCount(unseenDatabases, 'database')} that you do not see`]
  return [...named, ...hidden].join(', ')
}
