'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { ThemeProvider } from 'next-themes'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { type ReactNode, useState } from 'react'
import { I18nProvider } from 'react-aria-components'
import { NowProvider } from '#components/ui/now.tsx'
import { Toaster } from '#components/ui/toaster.tsx'

/** What every page stands in: theme, language, the server's clock, the cache of the browser's reads, toasts. */
export function Providers({ nonce, serverNow, children }: { nonce: string | undefined; serverNow: number; children: ReactNode }) {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: true }, mutations: { retry: false } } }),
  )
  return (
    <ThemeProvider attribute="data-theme" defaultTheme="system" enableSystem disableTransitionOnChange {...(nonce ? { nonce } : {})}>
      <I18nProvider locale="en-GB">
        <NuqsAdapter>
          <QueryClientProvider client={client}>
            <NowProvider serverNow={serverNow}>
              {children}
              <Toaster />
            </NowProvider>
          </QueryClientProvider>
        </NuqsAdapter>
      </I18nProvider>
    </ThemeProvider>
  )
}
