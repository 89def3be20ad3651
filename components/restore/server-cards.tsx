import { RadioCards } from '#components/ui/radio-cards.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { DatabaseView } from '#lib/domain/views.ts'

interface Props {
  source: DatabaseView
  databases: DatabaseView[]
  role: Role
  /** id of a registered database on the server */
  value: string
  onChange: (id: string) => void
}

/** The source's own server, or that of another registered database. */
export function ServerCards({ source, databases, role, value, onChange }: Props) {
  const others = otherServers(source, databases)
  const elsewhere = allows(role, 'restore.elsewhere') ? null : reasonDenied('restore.elsewhere')
  const unreached = (one: DatabaseView) => (one.reachable === false ? ' It was not reachable when last tried.' : '')
  return (
    <div>
      <RadioCards
        label="Server"
        value={value}
        onChange={onChange}
        options={[
          {
            value: source.id,
            title: `${source.host}:${source.port}`,
            detail: `The server of ${source.name} itself.${unreached(source)}`,
          },
          ...others.map((one) => ({
            value: one.id,
            title: `${one.host}:${one.port}`,
            detail: `The server of ${one.name}. The data leaves its own server; this is recorded.${unreached(one)}`,
            reason: elsewhere,
          })),
        ]}
      />
      {others.length === 0 && (
        <p className="m-0 mt-3 text-sm text-ink-2">For another server, an admin first registers a database on it under Databases.</p>
      )}
    </div>
  )
}

/** One registered database for each server that is not the source's. */
function otherServers(source: DatabaseView, databases: DatabaseView[]): DatabaseView[] {
  const seen = new Set([`${source.host}:${source.port}`])
  return databases.filter((one) => {
    const place = `${one.host}:${one.port}`
    if (seen.has(place)) return false
    seen.add(place)
    return true
  })
}
