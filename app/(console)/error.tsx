'use client'

import { Broken } from '#components/shell/broken.tsx'

export default function ConsoleError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <Broken error={error} retry={reset} />
}
