'use client'

import { Button, LinkButton } from '#components/ui/button.tsx'
import { Problem } from '#components/ui/problem.tsx'

/** A page that could not be shown. `digest` is what the web's log calls this error. */
export function Broken({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <div className="max-w-[720px] py-6">
      <h1 className="sr-only">This page could not be shown</h1>
      <Problem
        alert
        title="This page could not be shown"
        id={error.digest ?? null}
        action={
          <>
            <Button variant="primary" onPress={retry}>
              Try again
            </Button>
            <LinkButton href="/">Go to the overview</LinkButton>
          </>
        }
      >
        Backups and restores run in the worker and are not touched by this. If trying again does not help, look for the id below in the log of the web
        process.
      </Problem>
    </div>
  )
}
