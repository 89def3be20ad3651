import type { Kysely } from 'kysely'
import { type ContactRow, listContacts } from '#lib/catalog/contacts.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readEscalation } from '#lib/catalog/watch-settings.ts'
import type { ContactView, EscalationView } from '#lib/domain/watch-views.ts'

/** Who is called, and after how long: everybody who may look at the console may know whom to call. */
export async function readEscalationView(catalog: Kysely<Catalog>): Promise<EscalationView> {
  const [policy, contacts, mail] = await Promise.all([
    readEscalation(catalog),
    listContacts(catalog),
    catalog
      .selectFrom('channels')
      .select('id')
      .where('kind', '=', 'email')
      .where('removed_at', 'is', null)
      .where('paused_at', 'is', null)
      .limit(1)
      .executeTakeFirst(),
  ])
  return { policy, contacts: contacts.map(contactView), mailMissing: mail === undefined }
}

export function contactView(row: ContactRow): ContactView {
  const { id, level, name, email, phone, note, position, origin } = row
  return { id, level, name, email, phone, note, position, origin }
}
