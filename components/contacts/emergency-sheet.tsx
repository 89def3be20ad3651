'use client'

import { useSyncExternalStore } from 'react'
import { BrandMark } from '#components/shell/brand.tsx'
import { useNow } from '#components/ui/now.tsx'
import { formatUtc } from '#lib/domain/units.ts'
import { levelTitles } from '#lib/domain/watch/escalation.ts'
import type { ContactView } from '#lib/domain/watch-views.ts'

/** What the sheet says besides the people: where everything is. */
export interface SheetFacts {
  /** the console's public address; null: none is set, and the one in the browser stands for it */
  address: string | null
  databases: { name: string; place: string }[]
  storages: { name: string; place: string }[]
}

/** Printed alone, black on white: it has to be readable when every machine is down. */
export function EmergencySheet({ contacts, facts }: { contacts: readonly ContactView[]; facts: SheetFacts }) {
  const now = useNow()
  const here = useSyncExternalStore(
    never,
    () => window.location.origin,
    () => null,
  )
  const address = facts.address ?? here
  return (
    <article
      aria-label="Emergency sheet"
      className="mt-[18px] rounded-[10px] border border-line bg-[#fff] p-6 text-[#14202a] sm:p-9 print:mt-0 print:border-0 print:p-0"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="m-0 flex items-center gap-2.5 text-xl font-semibold">
          <BrandMark /> Emergency sheet
        </h2>
        <span className="text-sm">As of {formatUtc(new Date(now))}</span>
      </div>
      <h3 className="mt-5 mb-1 text-base font-semibold">Whom to call, in this order</h3>
      {contacts.length === 0 ? (
        <p className="m-0 text-sm">Nobody is entered yet.</p>
      ) : (
        <ol className="m-0 list-decimal pl-5 text-sm">
          {contacts.map((contact) => (
            <li key={contact.id} className="break-inside-avoid py-1 [overflow-wrap:anywhere]">
              <strong>{contact.name}</strong>, {levelTitles[contact.level]}
              {contact.phone !== null && <span className="ml-2 inline-block font-mono text-base font-semibold">{contact.phone}</span>}
              {contact.email !== null && <span className="ml-2 inline-block font-mono">{contact.email}</span>}
              {contact.note !== '' && <span className="block text-[#4b5b68]">{contact.note}</span>}
            </li>
          ))}
        </ol>
      )}
      <h3 className="mt-5 mb-1 text-base font-semibold">First</h3>
      <ol className="m-0 list-decimal pl-5 text-sm">
        <li>Say that you have it: acknowledge the alert, or call the next person on this sheet.</li>
        <li>Stop whatever destroys data: the application, the job, the person. Delete nothing yourself.</li>
        <li>
          Open Lifeboat{address === null ? '' : ` at ${address}`}, Runbooks. Without a console:{' '}
          <code className="font-mono">lifeboat runbook database</code> on the worker’s machine.
        </li>
        <li>If the machine of Lifeboat is gone too: the recovery sheet in the safe, and RECOVERY.md on every storage.</li>
      </ol>
      <Places title="What is protected" rows={facts.databases} />
      <Places title="Where the backups lie" rows={facts.storages} />
    </article>
  )
}

function Places({ title, rows }: { title: string; rows: readonly { name: string; place: string }[] }) {
  if (rows.length === 0) return null
  return (
    <section className="break-inside-avoid">
      <h3 className="mt-5 mb-1 text-base font-semibold">{title}</h3>
      <ul className="m-0 list-disc pl-5 text-sm">
        {rows.map((row) => (
          <li key={row.name} className="[overflow-wrap:anywhere]">
            <strong>{row.name}</strong>: <code className="font-mono">{row.place}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The address of a page does not change while it is shown. */
function never() {
  return () => undefined
}
