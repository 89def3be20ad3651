import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import type { StorageDetail } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { bucketWarning, lockWords, versioningWords } from './lock-words.ts'

const notSaid = <span className="text-ink-3">not said</span>

/** Where it lies, what it rests on, and how it keeps: what a person said of it. */
export function KeepingPanel({ storage }: { storage: StorageView }) {
  return (
    <Panel title="What it is">
      <Facts
        items={[
          { term: 'Kind', value: storage.kind === 's3' ? 'an S3 bucket' : 'a directory' },
          {
            term: 'Medium',
            value: storage.medium === 'offline' ? 'offline: it may be absent, and its copies wait until it is back' : 'online: it is always there',
          },
          { term: 'Region', value: storage.region ?? notSaid },
          { term: 'Agreement', value: storage.agreement ?? notSaid },
          { term: 'Budget', value: storage.budgetBytes === null ? 'none' : formatBytes(storage.budgetBytes) },
          {
            term: 'Contains',
            value: `${formatBytes(storage.usedBytes)} of backups, ${formatCount(storage.copies, 'readable copy', 'readable copies')}`,
          },
          storage.kind === 's3' ? { term: 'Lock', value: lockWords(storage) } : null,
          { term: 'Last tested', value: <Time at={storage.checkedAt} /> },
        ]}
      />
      <p className="m-0 mt-3">
        <Link href={`/backups?storageId=${storage.id}`}>Backups with a copy here</Link>
      </p>
    </Panel>
  )
}

/** What the bucket says of itself, and when it was asked. */
export function BucketPanel({ storage, bucket }: { storage: StorageView; bucket: StorageDetail['bucket'] }) {
  if (bucket === null) {
    return <Panel title="The bucket" say="Versioning and Object Lock are not known yet. A test of the credentials asks for them." />
  }
  const warning = bucketWarning(storage, bucket)
  return (
    <Panel
      title="The bucket"
      aside={
        <>
          asked <Time at={bucket.at} />
        </>
      }
    >
      <Facts
        items={[
          { term: 'Versioning', value: versioningWords[bucket.versioning] },
          { term: 'Object Lock', value: bucket.objectLock === null ? 'unknown: it did not say' : bucket.objectLock ? 'on' : 'off' },
          {
            term: 'Its default',
            value:
              bucket.defaultMode === null
                ? 'no object is locked unless it is asked for'
                : `${bucket.defaultMode.toLowerCase()}, ${formatCount(bucket.defaultDays, 'day')}`,
          },
        ]}
      />
      {warning !== null && <p className="m-0 mt-3 font-[550] text-warn">{warning}</p>}
    </Panel>
  )
}

/** How long ago its copies were read back. */
export function ReadingPanel({ storage, detail }: { storage: StorageView; detail: StorageDetail }) {
  const { unverified, oldestVerifiedAt } = detail
  return (
    <Panel
      title="Reading back"
      say={
        storage.copies === 0
          ? 'There is no readable copy on it.'
          : unverified === 0
            ? 'Every readable copy was read back within the cycle.'
            : `${formatCount(unverified, 'copy was', 'copies were')} not read back for longer than the cycle asks for.`
      }
    >
      <Facts
        items={[
          {
            term: 'Overdue',
            value: <span className={unverified > 0 ? 'font-[550] text-warn' : ''}>{formatCount(unverified, 'copy', 'copies')}</span>,
          },
          { term: 'Longest ago', value: <Time at={oldestVerifiedAt} never={storage.copies === 0 ? 'no copy' : 'one was never read back'} /> },
        ]}
      />
    </Panel>
  )
}
