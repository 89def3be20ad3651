import { CopyButton, CopyLine } from '#components/ui/copy-button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { restoreCommand, verifyCommand } from '#lib/domain/shell-commands.ts'
import { suggestTargetName } from '#lib/domain/target-name.ts'
import { formatBytes, formatCount, formatDuration, formatShare } from '#lib/domain/units.ts'
import type { BackupDetail } from '#lib/domain/views.ts'

/** How it was made: where from, with what, how long, how large. */
export function HowMade({ backup }: { backup: BackupDetail }) {
  const seconds = backup.finishedAt === null ? null : (Date.parse(backup.finishedAt) - Date.parse(backup.createdAt)) / 1000
  return (
    <Panel title="How it was made">
      <Facts
        items={[
          { term: 'Database', value: <Link href={`/databases/${backup.database.id}`}>{backup.database.name}</Link> },
          { term: 'Taken', value: <Time at={backup.createdAt} as="utc" /> },
          ...originFacts(backup.origin),
          backup.origin === null ? { term: 'Took', value: formatDuration(seconds) } : null,
          { term: 'Contains', value: `${formatCount(backup.tables, 'table')}, ${formatCount(backup.rows, 'row')}, ${formatBytes(backup.rawBytes)}` },
          {
            term: 'Stored',
            value: `${formatBytes(backup.storedBytes)} a copy${backup.rawBytes > 0 ? `, ${formatShare(backup.storedBytes / backup.rawBytes)} of the data` : ''}`,
          },
          { term: 'Server', value: backup.serverVersion === null ? 'unknown' : `PostgreSQL ${backup.serverVersion}` },
          { term: 'Tool', value: backup.toolVersion ?? 'unknown' },
          { term: 'Encrypted with key', value: <code className="font-mono text-xs">{backup.keyId ?? 'unknown'}</code> },
          {
            term: 'Manifest SHA-256',
            value:
              backup.manifestSha256 === null ? (
                'none'
              ) : (
                <span className="inline-flex items-center gap-1">
                  <code className="font-mono text-xs">{backup.manifestSha256.slice(0, 16)}…</code>
                  <CopyButton text={backup.manifestSha256} what="the manifest’s SHA-256" />
                </span>
              ),
          },
          { term: 'Path', value: <code className="font-mono text-xs [overflow-wrap:anywhere]">{backup.path}</code> },
          backup.operationId === null ? null : { term: 'Operation', value: <Link href={`/operations/${backup.operationId}`}>Its whole log</Link> },
        ]}
      />
    </Panel>
  )
}

const takenAtWords = { header: 'by the file’s header', name: 'by the file’s name, read as UTC', file_time: 'by when the file was last written' }

/** Of an imported backup: the file, and how far it is what the file was. */
function originFacts(origin: BackupDetail['origin']) {
  if (origin === null) return []
  const { file, format, bytes, sha256, takenAtFrom, refused } = origin
  return [
    { term: 'Recovery point', value: takenAtWords[takenAtFrom] },
    { term: 'Imported from', value: `${file}, ${format}, ${formatBytes(bytes)}` },
    { term: 'The file’s SHA-256', value: <code className="font-mono text-xs [overflow-wrap:anywhere]">{sha256}</code> },
    { term: 'Not carried out', value: refused === 0 ? 'nothing' : `${formatCount(refused, 'statement')}; the operation lists them` },
  ]
}

/** The commands that do the same from a shell: also on the day when this page is down. */
export function ShellCommands({ backup, readable }: { backup: BackupDetail; readable: boolean }) {
  const target = suggestTargetName(backup.database.name, backup.createdAt)
  return (
    <Panel title="From a shell" say="These work with this console down as well.">
      <div className="flex flex-col gap-2">
        <CopyLine text={verifyCommand(backup.name)} what="the command that verifies it" />
        {readable && (
          <>
            <CopyLine text={restoreCommand(backup.name, target, { dryRun: true })} what="the command of the dry run" />
            <CopyLine text={restoreCommand(backup.name, target, { dryRun: false })} what="the command that restores it" />
          </>
        )}
      </div>
    </Panel>
  )
}
