'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'

/** After a change of schedules, rules, copies or holds: whatever says something about them is read anew, also what the server drew. */
export function useRefresh(): () => void {
  const queryClient = useQueryClient()
  const router = useRouter()
  return () => {
    for (const noun of [
      'schedules',
      'databases',
      'overview',
      'retention',
      'backups',
      'storages',
      'keys',
      'channels',
      'escalation',
      'heartbeat',
      'watch',
    ])
      void queryClient.invalidateQueries({ queryKey: [noun] })
    router.refresh()
  }
}
