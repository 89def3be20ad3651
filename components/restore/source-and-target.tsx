import { ArrowDown, ArrowRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Time } from '#components/ui/time.tsx'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'

interface Props {
  source: DatabaseView | null
  backup: BackupView | null
  server: DatabaseView | null
  targetName: string | null
}

/** Stays in sight at every step: where the data comes from, where it goes to, and what is overwritten. */
export function SourceAndTarget({ source, backup, server, targetName }: Props) {
  return (
    <section
      aria-label="Source and target"
      className="mb-4 grid rounded-[10px] border border-line bg-panel shadow-raise sm:grid-cols-[minmax(0,1fr)_28px_minmax(0,1fr)]"
    >
      <Side label="From backup">
        {source === null ? (
          <Heading dim>Not chosen yet</Heading>
        ) : (
          <>
            <Heading dim={backup === null}>{backup?.name ?? 'No point chosen yet'}</Heading>
            {backup !== null && (
              <p className="m-0 text-ink-2">
                taken <Time at={backup.createdAt} /> · {formatCount(backup.tables, 'table')} · {formatCount(backup.rows, 'row')} ·{' '}
                <span className="whitespace-nowrap">{formatBytes(backup.rawBytes)}</span>
              </p>
            )}
            <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
              {source.dbname} on {source.host}:{source.port}
            </p>
          </>
        )}
      </Side>
      <div aria-hidden className="grid place-items-center text-ink-3">
        <ArrowRight className="size-4.5 max-sm:hidden" />
        <ArrowDown className="size-4.5 sm:hidden" />
      </div>
      <div className="min-w-0 border-line max-sm:border-t sm:border-l">
        <Side label="Into a new database">
          <Heading dim={targetName === null}>{targetName ?? 'Not chosen yet'}</Heading>
          {server !== null && (
            <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
              on {server.host}:{server.port}, {server.id === source?.id ? 'beside the live one' : `the server of ${server.name}`}
            </p>
          )}
          <p className="m-0 text-ink-2">
            Overwritten: <strong className="font-semibold text-ok">nothing</strong>
          </p>
        </Side>
      </div>
    </section>
  )
}

function Side({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0 px-4 py-3.5 sm:px-[18px]">
      <small className="block text-xs text-ink-3">{label}</small>
      {children}
    </div>
  )
}

function Heading({ dim, children }: { dim: boolean; children: ReactNode }) {
  return <strong className={`block text-lg leading-snug font-semibold [overflow-wrap:anywhere] ${dim ? 'text-ink-3' : ''}`}>{children}</strong>
}
