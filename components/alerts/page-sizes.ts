import type { AlertState } from '#lib/domain/watch-views.ts'

/** The worst of what is open has to stand on the first page, so that is as long as a page can be. */
export const pageSizes = { open: 200, acknowledged: 200, resolved: 50 } satisfies Record<AlertState, number>
