'use client'

import { useRouter } from 'next/navigation'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { wizardOf } from '#components/restore/wizard-of.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { checkDatabase, checkStorage, reconcileStorage, startBackup, verifyBackups } from '#lib/client/mutations.ts'
import { makeCopy } from '#lib/client/storing.ts'
import { allows, type Permission, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { Tier } from '#lib/domain/states.ts'
import type { OperationDetail } from '#lib/domain/views.ts'

/** Asks for the same again, as a new operation. A restore is never repeated blindly: it goes through the wizard's dry run. */
export function RunAgain({ operation, role }: { operation: OperationDetail; role: Role }) {
  const router = useRouter()
  const act = again(operation)
  const { start, pending, problem } = useStart(
    (key) => (act === null ? Promise.reject(new Error('nothing to run')) : act.run(key)),
    (id: string | undefined) => router.push(id === undefined ? '/operations' : `/operations/${id}`),
  )
  if (operation.kind === 'restore' || operation.kind === 'clone') {
    return (
      <LinkButton href={wizardOf(operation)}>
        {operation.dryRun ? 'Go on in the wizard' : operation.kind === 'clone' ? 'Clone again' : 'Restore again'}
      </LinkButton>
    )
  }
  const reason = act === null ? whyNot(operation) : allows(role, act.permission) ? null : reasonDenied(act.permission)
  return (
    <div className="flex flex-col items-end gap-2">
      <Button pending={pending} onPress={() => void start()} reason={reason}>
        Run again
      </Button>
      <Refusal problem={problem} />
    </div>
  )
}

function whyNot({ kind, input }: OperationDetail): string {
  if (kind === 'import') return 'Ask for it again where the file is: lifeboat import FILE'
  return kind === 'check' && typeof input.of === 'string' && input.of.startsWith('new_')
    ? 'It tested something that was not registered yet: test it again in the form that adds it.'
    : 'What it worked on is not registered any more.'
}

interface Again {
  permission: Permission
  /** answers the new operation's id */
  run: (key: string) => Promise<string | undefined>
}

function again({ kind, input, dryRun, backupId }: OperationDetail): Again | null {
  const text = (name: string) => (typeof input[name] === 'string' ? input[name] : null)
  switch (kind) {
    case 'backup': {
      const databaseId = text('databaseId')
      const tier = runnableTiers.find((one) => one === input.tier)
      const storageIds = Array.isArray(input.storageIds) ? input.storageIds.filter((id) => typeof id === 'string') : undefined
      if (databaseId === null) return null
      const body = { databaseId, dryRun, ...(tier ? { tier } : {}), ...(storageIds ? { storageIds } : {}) }
      return { permission: 'backup.run', run: async (key) => (await startBackup(body, key)).operationId }
    }
    case 'verify': {
      const id = text('backupId') ?? backupId
      return id === null ? null : { permission: 'backup.verify', run: async (key) => (await verifyBackups({ backupIds: [id] }, key)).operationIds[0] }
    }
    case 'check': {
      const databaseId = input.of === 'database' ? text('databaseId') : null
      const storageId = input.of === 'storage' ? text('storageId') : null
      if (databaseId !== null) return { permission: 'check.run', run: async () => (await checkDatabase(databaseId)).operationId }
      if (storageId !== null) return { permission: 'check.run', run: async () => (await checkStorage(storageId)).operationId }
      return null
    }
    case 'reconcile': {
      const storageId = text('storageId')
      return storageId === null
        ? null
        : { permission: 'storage.reconcile', run: async () => (await reconcileStorage(storageId, { adopt: input.adopt === true })).operationId }
    }
    case 'copy': {
      const storageId = text('storageId')
      // a move is asked for anew, with what it takes away before one's eyes
      return backupId === null || storageId === null || input.move === true
        ? null
        : {
            permission: 'copy.run',
            run: async (key) => (await makeCopy({ backupId, storageId, fromCopyId: text('fromCopyId'), move: false }, key)).operationId ?? undefined,
          }
    }
    case 'restore':
    case 'clone':
    case 'undo':
    case 'import':
    case 'rewrap':
    case 'prune':
    case 'hold':
      return null
  }
}

const runnableTiers = ['manual', 'daily', 'weekly', 'monthly'] as const satisfies readonly Tier[]
