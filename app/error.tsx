'use client'

import { Broken } from '#components/shell/broken.tsx'

export default function RootError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="mx-auto px-5 sm:px-8">
      <Broken error={error} retry={reset} />
    </main>
  )
}
