'use client'

import { useQueryClient } from '@tanstack/react-query'
import { Eye, Volume2, VolumeX } from 'lucide-react'
import { useState } from 'react'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { say } from '#components/ui/toaster.tsx'
import { silenceAlert } from '#lib/client/alerts.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { AlertDetail } from '#lib/domain/watch-views.ts'
import { AcknowledgeDialog } from './acknowledge-dialog.tsx'
import { SilenceDialog } from './silence-dialog.tsx'

/** An alert is ended by its check; a person takes it on, or keeps it quiet for a time. */
export function AlertActs({ alert, role }: { alert: AlertDetail; role: Role }) {
  const [dialog, setDialog] = useState<'acknowledge' | 'silence' | null>(null)
  const queryClient = useQueryClient()
  const refresh = () => {
    for (const noun of ['alerts', 'watch', 'overview']) void queryClient.invalidateQueries({ queryKey: [noun] })
  }
  const unsilence = useStart(
    (_key) => silenceAlert(alert.id, { minutes: 0, reason: '' }),
    () => {
      say('The silence is ended')
      refresh()
    },
  )
  if (alert.state === 'resolved') return null
  const denied = allows(role, 'alert.answer') ? null : reasonDenied('alert.answer')
  return (
    <>
      {alert.silenced === null ? (
        <Button icon={<VolumeX aria-hidden />} reason={denied} onPress={() => setDialog('silence')}>
          Silence
        </Button>
      ) : (
        <Button
          icon={<Volume2 aria-hidden />}
          reason={denied ?? (unsilence.problem === null ? null : `${unsilence.problem.title} ${unsilence.problem.remedy}`)}
          pending={unsilence.pending}
          onPress={() => void unsilence.start()}
        >
          End the silence
        </Button>
      )}
      {alert.state === 'open' && (
        <Button variant="primary" icon={<Eye aria-hidden />} reason={denied} onPress={() => setDialog('acknowledge')}>
          Acknowledge
        </Button>
      )}
      {dialog === 'acknowledge' && <AcknowledgeDialog alert={alert} onClose={() => setDialog(null)} onDone={refresh} />}
      {dialog === 'silence' && <SilenceDialog alert={alert} onClose={() => setDialog(null)} onDone={refresh} />}
    </>
  )
}
