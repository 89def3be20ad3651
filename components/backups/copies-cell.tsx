import { Chip, wrappingChip } from '#components/ui/chip.tsx'
import { copyLook } from '#components/ui/state-badge.tsx'
import type { CopyView } from '#lib/domain/views.ts'

/** Each copy by the name of its storage, with its own state: one bad copy is never hidden behind a good one. */
export function CopiesCell({ copies }: { copies: CopyView[] }) {
  if (copies.length === 0) return <span className="text-ink-3">none</span>
  return (
    <ul className="m-0 flex list-none flex-wrap gap-1 p-0 sm:min-w-[17ch]">
      {copies.map((copy) => (
        <li key={copy.id} title={copy.problem ?? copyLook[copy.state].word}>
          <Chip tone={copyLook[copy.state].tone} icon={copyLook[copy.state].icon} className={wrappingChip}>
            <span>
              {copy.storage.name}
              <span className={['verified', 'stored', 'retained'].includes(copy.state) ? 'sr-only' : ''}> {copyLook[copy.state].word}</span>
            </span>
          </Chip>
        </li>
      ))}
    </ul>
  )
}
