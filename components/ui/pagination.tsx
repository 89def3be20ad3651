import type { ReactNode } from 'react'
import { LinkButton } from './button.tsx'

/** Keyset paging: `newer` goes back to the first page, `older` on; null: there is none. `shown` says what is on the page, `keys` how it is moved in; phones have none. */
export function Pagination(props: { first: string | null; next: string | null; shown: ReactNode; keys?: string }) {
  const { first, next, keys } = props
  const shown = (
    <span>
      {props.shown}
      {keys !== undefined && <span className="max-sm:hidden"> {keys}</span>}
    </span>
  )
  if (first === null && next === null) return <p className="m-0 border-t border-line px-4 py-2.5 text-sm text-ink-2 sm:px-[18px]">{shown}</p>
  return (
    <nav
      aria-label="Pages"
      className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2.5 text-sm text-ink-2 sm:px-[18px]"
    >
      {shown}
      <span className="flex gap-2">
        {first !== null && (
          <LinkButton size="small" href={first}>
            Newest
          </LinkButton>
        )}
        {next !== null && (
          <LinkButton size="small" href={next}>
            Older
          </LinkButton>
        )}
      </span>
    </nav>
  )
}
