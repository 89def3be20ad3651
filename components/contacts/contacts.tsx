'use client'

import { useQuery } from '@tanstack/react-query'
import { Phone, Plus, Printer } from 'lucide-react'
import { useState } from 'react'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { say } from '#components/ui/toaster.tsx'
import { escalationQuery } from '#lib/client/queries.ts'
import { removeContact } from '#lib/client/telling.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import { levelTitles } from '#lib/domain/watch/escalation.ts'
import type { ContactView, EscalationView } from '#lib/domain/watch-views.ts'
import { ContactDialog } from './contact-dialog.tsx'
import { EmergencySheet, type SheetFacts } from './emergency-sheet.tsx'
import { EscalationPanel } from './escalation-panel.tsx'

/** Whom to call, in which order, and after how long without an answer. Printed, the page is the emergency sheet. */
export function Contacts({ escalation: first, sheet, role }: { escalation: EscalationView; sheet: SheetFacts; role: Role }) {
  const { data } = useQuery({ ...escalationQuery(), initialData: first })
  const [editing, setEditing] = useState<ContactView | 'new' | null>(null)
  const [removing, setRemoving] = useState<ContactView | null>(null)
  const refresh = useRefresh()
  const denied = allows(role, 'watch.write') ? null : reasonDenied('watch.write')
  const { contacts } = data
  usePageTitle('Contacts and escalation · Settings')
  const add = (
    <Button variant="primary" icon={<Plus aria-hidden />} reason={denied} onPress={() => setEditing('new')}>
      Add a contact
    </Button>
  )
  return (
    <>
      <div className="no-print flex flex-col gap-[18px]">
        {data.mailMissing && contacts.length > 0 && (
          <Problem tone="warn" title="Nobody of these can be written to">
            No mail channel is set up. Their phone numbers go to the channels instead. <Link href="/settings?part=channels">Set up e-mail</Link>
          </Problem>
        )}
        <Panel
          title={contacts.length === 0 ? 'There is no contact' : formatCount(contacts.length, 'contact')}
          aside={
            contacts.length === 0 ? undefined : (
              <span className="flex flex-wrap gap-2">
                <Button icon={<Printer aria-hidden />} onPress={() => window.print()}>
                  Print the emergency sheet
                </Button>
                {add}
              </span>
            )
          }
          say={contacts.length === 0 ? undefined : 'They are told in this order when nobody takes a critical alert on.'}
          flush
        >
          {contacts.length === 0 ? (
            <EmptyState icon={Phone} title="Nobody is called when nobody answers" action={add}>
              Say who is responsible: database administrator, DevOps lead, CTO, external support. With phone and e-mail, so that the printed sheet
              works when nothing else does.
            </EmptyState>
          ) : (
            <DataTable
              caption="Contacts"
              rows={contacts}
              rowKey={(contact) => contact.id}
              columns={[
                { id: 'level', header: 'Level', cell: (contact) => levelTitles[contact.level] },
                {
                  id: 'name',
                  header: 'Name',
                  primary: true,
                  cell: (contact) => (
                    <span className="[overflow-wrap:anywhere]">
                      <span className="font-semibold">{contact.name}</span>
                      {contact.note !== '' && <span className="block text-sm text-ink-2">{contact.note}</span>}
                    </span>
                  ),
                },
                {
                  id: 'phone',
                  header: 'Phone',
                  cell: (contact) => <span className="whitespace-nowrap">{contact.phone ?? <span className="text-ink-3">none</span>}</span>,
                },
                {
                  id: 'email',
                  header: 'E-mail',
                  cell: (contact) => <span className="[overflow-wrap:anywhere]">{contact.email ?? <span className="text-ink-3">none</span>}</span>,
                },
                {
                  id: 'acts',
                  header: 'Acts',
                  cell: (contact) => {
                    const reason = contact.origin === 'environment' ? 'It is made from the environment: change its variable there.' : denied
                    return (
                      <span className="flex flex-wrap gap-2">
                        <Button size="small" reason={reason} onPress={() => setEditing(contact)}>
                          Change
                        </Button>
                        <Button size="small" variant="plain" reason={reason} onPress={() => setRemoving(contact)}>
                          Remove
                        </Button>
                      </span>
                    )
                  },
                },
              ]}
            />
          )}
        </Panel>
        <EscalationPanel policy={data.policy} denied={denied} contacts={contacts} />
      </div>
      <EmergencySheet contacts={contacts} facts={sheet} />
      {editing !== null && <ContactDialog contact={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <AlertDialog
        isOpen={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={`Remove ${removing?.name ?? 'the contact'}?`}
        confirm="Remove the contact"
        onConfirm={async () => {
          if (removing === null) return
          await removeContact(removing.id)
          say(`${removing.name} is no longer called`)
          refresh()
        }}
      >
        <p className="m-0">Nobody calls or writes to them any more. Print the emergency sheet anew.</p>
      </AlertDialog>
    </>
  )
}
