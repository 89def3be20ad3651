'use client'

import './globals.css'

/** When even the frame could not be drawn: no theme, no scripts of ours. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en-GB">
      <body className="m-0 bg-bg p-8 text-ink">
        <title>Lifeboat could not be shown</title>
        <h1 className="text-2xl font-semibold">Lifeboat’s console could not be shown</h1>
        <p className="max-w-[60ch]">
          The worker goes on without it, and so does the command line. Load the page again; if it stays like this, look for{' '}
          {error.digest ?? 'the newest error'} in the log of the web process.
        </p>
      </body>
    </html>
  )
}
