/** What a search over the lines of operations can be narrowed to. `trouble`: errors and warnings. */
export const logKinds = ['trouble', 'error', 'warning', 'state', 'phase', 'log', 'progress'] as const
export type LogKind = (typeof logKinds)[number]
