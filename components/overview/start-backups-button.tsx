'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { Button, type ButtonVariant } from '#components/ui/button.tsx'
import { say, sayProblem } from '#components/ui/toaster.tsx'
import { ApiError } from '#lib/client/api.ts'
import { startBackup } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'

/** Starts a manual backup of each database. The key is kept until the start succeeded: a double click or a retry starts it once. */
export function StartBackupsButton({
  databases,
  role,
  label,
  variant = 'secondary',
}: {
  databases: { id: string; name: string }[]
  role: Role
  label: string
  variant?: ButtonVariant
}) {
  const router = useRouter()
  const queryClient = useQueryClient()
  const [pending, setPending] = useState(false)
  const key = useRef<string | null>(null)

  async function start() {
    if (pending) return
    setPending(true)
    key.current ??= crypto.randomUUID()
    const started = await Promise.allSettled(
      databases.map((database) => startBackup({ databaseId: database.id, tier: 'manual' }, `${key.current}-${database.id}`)),
    )
    setPending(false)
    const begun = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value.operationId] : []))
    for (const [index, one] of started.entries()) {
      if (one.status === 'rejected') {
        const problem = one.reason instanceof ApiError ? one.reason.problem : null
        sayProblem(`The backup of ${databases[index]?.name} did not start: ${problem?.title ?? 'Lifeboat did not answer.'}`, problem?.remedy)
      }
    }
    if (begun.length < databases.length && begun.length === 0) return
    key.current = null
    void queryClient.invalidateQueries({ queryKey: ['overview'] })
    void queryClient.invalidateQueries({ queryKey: ['operations'] })
    const first = begun[0]
    if (databases.length === 1 && first) router.push(`/operations/${first}`)
    else say(`${formatCount(begun.length, 'backup')} queued`, { action: { label: 'Watch', onPress: () => router.push('/operations') } })
  }

  return (
    <Button variant={variant} pending={pending} onPress={() => void start()} reason={allows(role, 'backup.run') ? null : reasonDenied('backup.run')}>
      {label}
    </Button>
  )
}
