import { Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { formatBytes } from '#lib/domain/units.ts'
import type { DatabaseView, OperationView } from '#lib/domain/views.ts'
import { CheckHistory } from './check-history.tsx'
import { ConnectionState } from './connection-state.tsx'

/** Connection health: as it is, and as it was at each check. */
export function ConnectionPanel({ database, checks }: { database: DatabaseView; checks: OperationView[] }) {
  return (
    <Panel title="Connection">
      <Facts
        items={[
          { term: 'State', value: <ConnectionState database={database} /> },
          database.problem === null ? null : { term: 'Problem', value: <span className="text-bad">{database.problem}</span> },
          {
            term: 'Address',
            value: (
              <span className="font-mono text-[12.5px]">
                {database.host}:{database.port}/{database.dbname}
              </span>
            ),
          },
          { term: 'User', value: <span className="font-mono text-[12.5px]">{database.username}</span> },
          {
            term: 'Encryption',
            value:
              database.sslMode === 'disable'
                ? 'none: it is on this machine'
                : `verified TLS${database.tlsVersion === null ? '' : `, ${database.tlsVersion}`}`,
          },
          { term: 'Server', value: database.serverVersion === null ? 'unknown' : `PostgreSQL ${database.serverVersion}` },
          { term: 'Size', value: formatBytes(database.sizeBytes) },
        ]}
      />
      <CheckHistory checks={checks} />
    </Panel>
  )
}
