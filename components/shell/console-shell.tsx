'use client'

import { Keyboard, Menu as MenuIcon, Search } from 'lucide-react'
import NextLink from 'next/link'
import { type ReactNode, useCallback, useState } from 'react'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import { PasswordQuestion } from '#components/session/password-question.tsx'
import { Button } from '#components/ui/button.tsx'
import type { WorkerView } from '#lib/domain/views.ts'
import type { WatchState } from '#lib/domain/watch-views.ts'
import { Account } from './account.tsx'
import { BrandMark } from './brand.tsx'
import { Clock } from './clock.tsx'
import { Navigation } from './navigation.tsx'
import { Palette } from './palette.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { ThemeToggle } from './theme-toggle.tsx'
import { WorkerLiveness } from './worker-liveness.tsx'

/** Side navigation, top bar, palette and shortcuts around every screen. */
export function ConsoleShell(props: { person: { name: string; role: string }; workers: WorkerView[]; watch: WatchState; children: ReactNode }) {
  const { person, workers, watch, children } = props
  const [palette, setPalette] = useState(false)
  const [drawer, setDrawer] = useState(false)
  const openPalette = useCallback(() => setPalette(true), [])
  const foot = (
    <div className="mt-auto flex flex-col gap-3 border-t border-line px-2.5 pt-3">
      <WorkerLiveness workers={workers} />
      <Account name={person.name} role={person.role} />
    </div>
  )
  return (
    <div className="grid min-h-dvh grid-cols-1 md:grid-cols-[216px_minmax(0,1fr)] print:block">
      <a href="#main" className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        Skip to content
      </a>
      <aside
        aria-label="Navigation and account"
        className="no-print sticky top-0 flex h-dvh flex-col overflow-y-auto border-r border-line bg-panel-2 px-3 pt-4 pb-3 max-md:hidden"
      >
        <Brand />
        <Navigation watch={watch} />
        {foot}
      </aside>
      <div className="min-w-0">
        <header className="no-print sticky top-0 z-20 flex items-center gap-2 border-b border-line bg-panel-2 px-4 py-2 sm:px-8">
          <span className="md:hidden">
            <Button variant="plain" label="Open the navigation" onPress={() => setDrawer(true)} icon={<MenuIcon aria-hidden />}>
              {null}
            </Button>
          </span>
          <button
            type="button"
            onClick={openPalette}
            className="flex min-h-8 w-full max-w-[400px] min-w-0 items-center gap-2 rounded-[7px] border border-field bg-panel px-2.5 text-left text-ink-3 hover:bg-hover"
          >
            <Search aria-hidden className="size-4 shrink-0" />
            <span className="truncate">Find a database, backup, operation…</span>
            <kbd className="ml-auto rounded border border-line-2 px-1.5 font-sans text-[11px] whitespace-nowrap max-sm:hidden">⌘K</kbd>
          </button>
          <span className="ml-auto flex items-center gap-1">
            <Clock />
            <span className="max-sm:hidden">
              <Button
                variant="plain"
                label="Keyboard shortcuts"
                onPress={() => window.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }))}
                icon={<Keyboard aria-hidden />}
              >
                {null}
              </Button>
            </span>
            <ThemeToggle />
          </span>
        </header>
        <main id="main" tabIndex={-1} className="max-w-[1320px] px-4 pt-6 pb-16 outline-none sm:px-8 sm:pt-7 print:p-0">
          {children}
        </main>
      </div>
      <ModalOverlay isOpen={drawer} onOpenChange={setDrawer} isDismissable className="fixed inset-0 z-40 bg-[rgb(10_18_24/45%)] md:hidden">
        <Modal className="h-dvh w-64 border-r border-line bg-panel-2">
          <Dialog aria-label="Navigation" className="flex h-full flex-col overflow-y-auto px-3 pt-4 pb-3 outline-none">
            <Brand />
            <Navigation watch={watch} onNavigate={() => setDrawer(false)} />
            {foot}
          </Dialog>
        </Modal>
      </ModalOverlay>
      <Palette isOpen={palette} onOpenChange={setPalette} />
      <Shortcuts onPalette={openPalette} />
      <PasswordQuestion />
    </div>
  )
}

function Brand() {
  return (
    <NextLink href="/" className="flex items-center gap-2.5 rounded-md px-2.5 pt-1 pb-4 text-lg font-[650] tracking-[-0.01em]">
      <BrandMark />
      Lifeboat
    </NextLink>
  )
}
