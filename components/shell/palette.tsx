'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Archive, ArrowRight, BookOpen, Database, HardDrive, ListChecks, type LucideIcon, Plus, Undo2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useDeferredValue, useState } from 'react'
import { Autocomplete, Dialog, Header, Input, Menu, MenuItem, MenuSection, Modal, ModalOverlay, SearchField, useFilter } from 'react-aria-components'
import { searchQuery } from '#lib/client/queries.ts'
import type { SearchHit } from '#lib/domain/views.ts'
import { screens } from './screens.ts'

interface Hit {
  href: string
  title: string
  detail: string
  icon: LucideIcon
}

const actions: Hit[] = [
  { href: '/restore', title: 'Restore a backup', detail: 'a table, a database, or beside the live one', icon: Undo2 },
  { href: '/runbooks', title: 'Something has happened', detail: 'runbooks: one table, a database, or everything', icon: BookOpen },
  { href: '/databases/new', title: 'Add a database', detail: 'by its connection', icon: Plus },
  { href: '/storages/new', title: 'Add a storage', detail: 'a directory or an S3 bucket', icon: Plus },
  { href: '/schedules', title: 'Schedule backups', detail: 'the standard plan, or one of your own', icon: Plus },
  { href: '/retention?part=simulator', title: 'Change how long backups stay', detail: 'and see first what would go', icon: ArrowRight },
  { href: '/settings?part=recovery-key', title: 'Recovery key', detail: 'make or confirm it', icon: ArrowRight },
  { href: '/settings?part=account', title: 'Your account', detail: 'change your password', icon: ArrowRight },
]

const kinds = {
  database: { title: 'Databases', icon: Database },
  backup: { title: 'Backups', icon: Archive },
  storage: { title: 'Storages', icon: HardDrive },
  operation: { title: 'Operations', icon: ListChecks },
} satisfies Record<SearchHit['kind'], { title: string; icon: LucideIcon }>

/** Finds databases, backups, operations, storages, screens and actions. Opened by ⌘K. */
export function Palette({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      isDismissable
      className="fixed inset-0 z-40 flex items-start justify-center bg-[rgb(10_18_24/45%)] p-4 pt-[12vh]"
    >
      <Modal className="w-full max-w-[620px] rounded-xl border border-line bg-panel text-ink shadow-float">
        <Dialog aria-label="Find" className="outline-none">
          <Finder onDone={() => onOpenChange(false)} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function Finder({ onDone }: { onDone: () => void }) {
  const router = useRouter()
  const [text, setText] = useState('')
  const { contains } = useFilter({ sensitivity: 'base' })
  const found = useQuery({ ...searchQuery(useDeferredValue(text)), placeholderData: keepPreviousData })
  const matches = (hit: Hit) => text === '' || contains(`${hit.title} ${hit.detail}`, text)
  const hits = text.trim() === '' ? [] : (found.data ?? [])
  const sections = [
    ...Object.entries(kinds).map(([kind, { title, icon }]) => ({
      title,
      hits: hits.filter((hit) => hit.kind === kind).map((hit): Hit => ({ href: hit.href, title: hit.title, detail: hit.detail, icon })),
    })),
    { title: 'Actions', hits: actions.filter(matches) },
    {
      title: 'Screens',
      hits: screens.map((screen): Hit => ({ href: screen.href, title: screen.label, detail: '', icon: ArrowRight })).filter(matches),
    },
  ].filter((section) => section.hits.length > 0)

  return (
    <>
      {/* the server has searched already; what it answers is shown as it is */}
      <Autocomplete inputValue={text} onInputChange={setText}>
        <SearchField autoFocus aria-label="Find a database, backup, operation or action" className="border-b border-line px-4 py-3">
          <Input
            placeholder="Find a database, backup, operation or action"
            className="w-full border-0 bg-transparent text-lg text-ink outline-none placeholder:text-ink-3 [&::-webkit-search-cancel-button]:hidden"
          />
        </SearchField>
        <Menu
          aria-label="Found"
          onAction={(key) => {
            router.push(String(key).slice(String(key).indexOf('|') + 1))
            onDone()
          }}
          renderEmptyState={() => (
            <p className="m-0 px-3 py-6 text-center text-ink-2">{found.isFetching ? 'Looking…' : `Nothing is called “${text}”.`}</p>
          )}
          className="max-h-[50vh] overflow-auto p-2 outline-none"
        >
          {sections.map((section) => (
            <MenuSection key={section.title} id={section.title}>
              <Header className="px-2 pt-2 pb-1 text-xs font-semibold text-ink-3">{section.title}</Header>
              {section.hits.map((hit) => (
                <MenuItem
                  key={`${hit.title}|${hit.href}`}
                  id={`${section.title}|${hit.href}`}
                  textValue={hit.title}
                  className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1.5 outline-none data-[focused]:bg-accent-soft"
                >
                  <hit.icon aria-hidden className="size-4 shrink-0 text-ink-3" />
                  <span className="flex min-w-0 grow items-baseline justify-between gap-x-4 max-sm:flex-col">
                    <span className="max-w-full truncate font-[550]">{hit.title}</span>
                    <span className="max-w-full shrink-0 truncate text-sm text-ink-2">{hit.detail}</span>
                  </span>
                </MenuItem>
              ))}
            </MenuSection>
          ))}
        </Menu>
      </Autocomplete>
      {found.isError && (
        <p role="status" className="m-0 border-t border-line px-4 py-2 text-sm text-warn">
          Databases, backups and operations cannot be searched now. Screens and actions work.
        </p>
      )}
    </>
  )
}
