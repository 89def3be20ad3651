import type { ReactNode } from 'react'

/** Pairs of a word and its value; two columns on a wide screen. An absent value is left out by passing null. */
export function Facts({ items, columns = 1 }: { items: readonly ({ term: string; value: ReactNode } | null)[]; columns?: 1 | 2 }) {
  return (
    <dl className={`m-0 grid gap-x-8 gap-y-2 ${columns === 2 ? 'sm:grid-cols-2' : ''}`}>
      {items.map(
        (item) =>
          item && (
            <div key={item.term} className="grid grid-cols-[minmax(96px,34%)_minmax(0,1fr)] gap-3">
              <dt className="text-sm leading-[21px] text-ink-3">{item.term}</dt>
              <dd className="m-0 min-w-0 [overflow-wrap:anywhere]">{item.value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
