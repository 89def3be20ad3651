'use client'

import { LogOut } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Link } from '#components/ui/link.tsx'
import { sayProblem } from '#components/ui/toaster.tsx'
import { signOut } from '#lib/client/mutations.ts'

/** Who is signed in, with which role, and the way out. A full load afterwards, so that nothing of the session stays in memory. */
export function Account({ name, role }: { name: string; role: string }) {
  const [pending, setPending] = useState(false)
  async function leave() {
    setPending(true)
    try {
      await signOut()
      window.location.assign('/sign-in')
    } catch {
      setPending(false)
      sayProblem('You are still signed in', 'The server did not answer. Try again.')
    }
  }
  return (
    <div className="flex items-center justify-between gap-2">
      <Link href="/settings?part=account" quiet className="block min-w-0 text-xs">
        <span className="sr-only">Your account: </span>
        <span className="block truncate">{name}</span>
        <span className="block font-normal text-ink-3">{role}</span>
      </Link>
      <Button variant="plain" label="Sign out" pending={pending} onPress={() => void leave()} icon={<LogOut aria-hidden />}>
        {null}
      </Button>
    </div>
  )
}
