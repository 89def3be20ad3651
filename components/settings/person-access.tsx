'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Time } from '#components/ui/time.tsx'
import { say } from '#components/ui/toaster.tsx'
import { makePasswordLink, removeUser } from '#lib/client/mutations.ts'
import type { UserView } from '#lib/domain/views.ts'

/** A person's way in: a link for a new password, and the end of the account. */
export function PersonAccess({ person, onDone }: { person: UserView; onDone: () => void }) {
  const queryClient = useQueryClient()
  const [link, setLink] = useState<{ path: string; expiresAt: string } | null>(null)
  const [removing, setRemoving] = useState(false)
  const make = useStart((_key) => makePasswordLink(person.id), setLink)
  return (
    <section aria-label="Access" className="flex flex-col gap-2 border-t border-line pt-4">
      {link === null ? (
        <div className="flex flex-wrap gap-2">
          <Button size="small" pending={make.pending} onPress={() => void make.start()}>
            Make a link for a new password
          </Button>
          <Button size="small" variant="plain" onPress={() => setRemoving(true)}>
            Remove the account
          </Button>
        </div>
      ) : (
        <>
          <p className="m-0" role="status">
            Hand this link to {person.email} yourself; Lifeboat sends nothing. It works once, until <Time at={link.expiresAt} as="utc" />, and is not
            shown again. Until it is used the present password stays good.
          </p>
          <CopyLine text={window.location.origin + link.path} what="the link" />
        </>
      )}
      <Refusal problem={make.problem} />
      <AlertDialog
        isOpen={removing}
        onOpenChange={setRemoving}
        title={`Remove the account of ${person.name}?`}
        confirm="Remove the account"
        cancel="Keep it"
        onConfirm={async () => {
          await removeUser(person.id)
          await queryClient.invalidateQueries({ queryKey: ['users'] })
          say(`${person.name} has no account any more`)
          onDone()
        }}
      >
        <p className="m-0">
          {person.email} is signed out everywhere at once and cannot sign in again. What they did stays in the trail and with the operations; what
          runs goes on.
        </p>
      </AlertDialog>
    </section>
  )
}
