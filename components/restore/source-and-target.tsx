import { ArrowDown, ArrowRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Time } from '#components/ui/time.tsx'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'
import { type Act, actOf, hasTarget, tableName } from './acts.ts'
import type { WizardAddress } from './wizard-address.ts'

interface Props {
  address: WizardAddress
  source: DatabaseView | null
  backup: BackupView | null
  /** where it goes; the source's own server unless another was chosen */
  server: DatabaseView | null
}

/** Stays in sight at every step: where the data comes from, where it goes to, and what is overwritten. */
export function SourceAndTarget({ address, source, backup, server }: Props) {
  const act = actOf(address)
  return (
    <section
      aria-label="Source and target"
      className="mb-4 grid rounded-[10px] border border-line bg-panel shadow-raise sm:grid-cols-[minmax(0,1fr)_28px_minmax(0,1fr)]"
    >
      {act === 'clone' ? <LiveSource source={source} /> : <BackupSource address={address} source={source} backup={backup} />}
      <div aria-hidden className="grid place-items-center text-ink-3">
        <ArrowRight className="size-4.5 max-sm:hidden" />
        <ArrowDown className="size-4.5 sm:hidden" />
      </div>
      <div className="min-w-0 border-line max-sm:border-t sm:border-l">
        <Side label={hasTarget(address) ? targetLabels[act] : 'Target'}>
          <Heading dim={!hasTarget(address)}>{targetName(act, address, source)}</Heading>
          {server !== null && hasTarget(address) && (
            <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
              {act === 'table_beside' || act === 'table_replace' ? `in ${server.dbname} on` : 'on'} {server.host}:{server.port}
              {act === 'new' || act === 'clone' ? (server.id === source?.id ? ', beside the live one' : `, the server of ${server.name}`) : ''}
            </p>
          )}
          <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
            Overwritten: <Overwritten act={act} address={address} source={source} />
          </p>
        </Side>
      </div>
    </section>
  )
}

const targetLabels = {
  new: 'Into a new database',
  clone: 'Into a new database',
  replace: 'In the place of the live database',
  in_place: 'Into the live database itself',
  table_beside: 'Beside the live table',
  table_replace: 'Into the live table',
} satisfies Record<Act, string>

function targetName(act: Act, address: WizardAddress, source: DatabaseView | null): string {
  if (!hasTarget(address)) return 'Not chosen yet'
  if (act === 'new' || act === 'clone') return address.name ?? ''
  return act === 'table_beside' || act === 'table_replace' ? tableName(address) : (source?.dbname ?? '')
}

function Overwritten({ act, address, source }: { act: Act; address: WizardAddress; source: DatabaseView | null }) {
  if (!hasTarget(address)) return <strong className="font-semibold">nothing so far</strong>
  if (act === 'new' || act === 'clone' || act === 'table_beside') return <strong className="font-semibold text-ok">nothing</strong>
  const words = {
    replace: `all of ${source?.dbname ?? ''}; the old database is kept for ${address.undo} h, so this can be undone`,
    in_place: `what the backup holds, in ${source?.dbname ?? ''}; only the safety backup brings it back`,
    table_replace: `${address.rows === 'all' ? 'all rows' : address.rows === 'missing' ? 'no row; missing ones are added' : 'rows that changed'} of ${tableName(address)}`,
  } satisfies Record<typeof act, string>
  return <strong className="font-semibold text-bad">{words[act]}</strong>
}

function LiveSource({ source }: { source: DatabaseView | null }) {
  return (
    <Side label="From the live database">
      <Heading dim={source === null}>{source?.dbname ?? 'Not chosen yet'}</Heading>
      {source !== null && (
        <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
          on {source.host}:{source.port}, as it is when the clone begins; it is only read
        </p>
      )}
    </Side>
  )
}

function BackupSource({ address, source, backup }: { address: WizardAddress; source: DatabaseView | null; backup: BackupView | null }) {
  const table = address.happened === 'table' && address.table !== null ? tableName(address) : null
  return (
    <Side label="From backup">
      {source === null ? (
        <Heading dim>Not chosen yet</Heading>
      ) : (
        <>
          <Heading dim={backup === null}>{backup?.name ?? 'No point chosen yet'}</Heading>
          {backup !== null && (
            <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
              taken <Time at={backup.createdAt} /> ·{' '}
              {table === null ? (
                <>
                  {formatCount(backup.tables, 'table')} · {formatCount(backup.rows, 'row')} ·{' '}
                  <span className="whitespace-nowrap">{formatBytes(backup.rawBytes)}</span>
                </>
              ) : (
                `only ${table}`
              )}
            </p>
          )}
          <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
            {source.dbname} on {source.host}:{source.port}
          </p>
        </>
      )}
    </Side>
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
