import type { Metadata } from 'next'
import { BackupActions } from '#components/backups/backup-actions.tsx'
import { type BackupTab, backupTabs, readTab, tabTitles } from '#components/backups/backup-tabs.ts'
import { Comparison } from '#components/backups/comparison.tsx'
import { ContentTable } from '#components/backups/content-table.tsx'
import { CopyTable } from '#components/backups/copy-table.tsx'
import { Restores, Verifications } from '#components/backups/history.tsx'
import { HoldsPanel } from '#components/backups/holds-panel.tsx'
import { HowMade, ShellCommands } from '#components/backups/how-made.tsx'
import { RetentionPanel } from '#components/backups/retention-panel.tsx'
import { TrustPanel } from '#components/backups/trust-panel.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { CopyBadge } from '#components/ui/state-badge.tsx'
import { TabLinks } from '#components/ui/tab-links.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { compareBackups, readBackup } from '#lib/catalog/views/backup.ts'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { BackupDetail } from '#lib/domain/views.ts'

export const metadata: Metadata = { title: 'Backup' }

interface PageProps {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function BackupPage({ params, searchParams }: PageProps) {
  const actor = await requireActor()
  const query = await searchParams
  const backup = await found(readBackup(catalog(), actor, (await params).id))
  const tab = readTab(query.tab)
  const readable = backup.copies.some((copy) => (readableCopyStates as readonly string[]).includes(copy.state))
  return (
    <>
      <PageHeader title={backup.name} up={{ href: '/backups', label: 'Backups' }} badge={<CopyBadge state={backup.state} />}>
        {backup.database.name} as of {formatUtc(backup.createdAt, true)}
      </PageHeader>
      <TrustPanel backup={backup} role={actor.role} />
      <BackupActions
        backupId={backup.id}
        restoreHref={`/restore?backup=${backup.id}&step=point`}
        deniedVerify={allows(actor.role, 'backup.verify') ? null : reasonDenied('backup.verify')}
        elsewhereHref={readable ? null : `/restore?happened=lost&database=${backup.database.id}&step=point`}
        deniedRestore={!readable ? 'No copy of it can be read.' : allows(actor.role, 'restore.plan') ? null : reasonDenied('restore.plan')}
      />
      <div className="mb-4">
        <TabLinks
          label="Parts of this backup"
          current={tab}
          tabs={backupTabs.map((value) => ({ value, label: tabTitles[value], href: `/backups/${backup.id}?tab=${value}` }))}
        />
      </div>
      <Part tab={tab} backup={backup} readable={readable} actor={actor} other={typeof query.with === 'string' ? query.with : null} />
    </>
  )
}

async function Part(props: { tab: BackupTab; backup: BackupDetail; readable: boolean; actor: Actor; other: string | null }) {
  const { tab, backup, readable, actor, other } = props
  if (tab === 'contents') return <ContentTable contents={backup.contents} />
  if (tab === 'compare') {
    const { rows } = await listBackups(catalog(), actor, { databaseId: backup.database.id, limit: 100 })
    const others = rows.filter((one) => one.id !== backup.id)
    // until another is chosen: the one before it
    const beside = other ?? (others.find((one) => one.createdAt < backup.createdAt) ?? others[0])?.id ?? null
    const comparison = beside === null ? null : await found(compareBackups(catalog(), actor, backup.id, beside))
    return <Comparison others={others} beside={beside} comparison={comparison} />
  }
  if (tab === 'history') {
    return (
      <div className="grid gap-4">
        <Verifications verifications={backup.verifications} />
        <Restores restores={backup.restores} href={readable ? `/restore?backup=${backup.id}&step=point` : null} />
      </div>
    )
  }
  const [storages, databases] = await Promise.all([listStorages(catalog(), actor), listDatabases(catalog(), actor)])
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[5fr_3fr]">
      <div className="grid min-w-0 gap-4">
        <CopyTable backup={backup} storages={storages} database={databases.find((one) => one.id === backup.database.id) ?? null} role={actor.role} />
        <HoldsPanel backup={{ id: backup.id, name: backup.name }} holds={backup.holdList} role={actor.role} />
        <RetentionPanel kept={backup.kept} />
        <ShellCommands backup={backup} readable={readable} />
      </div>
      <HowMade backup={backup} />
    </div>
  )
}
