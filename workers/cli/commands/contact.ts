import { type Command, Option } from 'commander'
import { listContacts } from '#lib/catalog/contacts.ts'
import { contactView } from '#lib/catalog/views/contacts.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { contactInput, escalationLevels, levelTitles } from '#lib/domain/watch/escalation.ts'
import type { ContactView } from '#lib/domain/watch-views.ts'
import { addContact, removeContact } from '#lib/operations/watch-settings.ts'
import { confirm } from '../ask.ts'
import { print, table } from '../output.ts'
import { parsed } from '../parsed.ts'
import { type Session, withSession } from '../session.ts'

interface AddOptions {
  level: string
  email?: string
  phone?: string
  note?: string
  position?: string
}

export function addContacts(program: Command): void {
  const contact = program.command('contact').description('whom to call, in order: list, add, remove')
  contact
    .command('list')
    .description('everybody, by level')
    .action(async () => {
      printContacts(await withSession(contactsOf))
    })
  contact
    .command('add')
    .description('add somebody; escalation writes to the address, the telephone number is for people')
    .argument('<name>')
    .addOption(new Option('--level <level>', 'when it is their turn').choices(escalationLevels).makeOptionMandatory())
    .option('--email <address>')
    .option('--phone <number>')
    .option('--note <text>', 'when, and for what')
    .option('--position <number>', 'within the level; 0 comes first')
    .action(async (name: string, { level, email, phone, note, position }: AddOptions) => {
      const input = parsed(contactInput, { level, name, email, phone, note, ...(position === undefined ? {} : { position: Number(position) }) })
      const contacts = await withSession(async (session) => {
        await addContact(session.catalog, session.actor, input)
        return contactsOf(session)
      })
      printContacts(contacts)
    })
  contact
    .command('remove')
    .description('call somebody no more')
    .argument('<name>', 'or the id, where several have the name')
    .option('--yes', 'do not ask')
    .action(async (which: string, options: { yes?: boolean }) => {
      await withSession(async (session) => {
        const [found, another] = (await contactsOf(session)).filter((one) => one.id === which || one.name === which)
        if (found === undefined) throw new LifeboatError('not_found', `There is no contact "${which}".`, 'lifeboat contact list shows them.')
        if (another !== undefined)
          throw new LifeboatError('usage', `Several contacts are called "${which}".`, 'Name one by its id: lifeboat contact list')
        await confirm(`Take ${found.name} (${levelTitles[found.level]}) off the list? Nobody calls them any more.`, options.yes === true)
        await removeContact(session.catalog, session.actor, found.id)
        print({ contact: { id: found.id, name: found.name, removed: true } }, () => `${found.name} is off the list.`)
      })
    })
}

async function contactsOf(session: Session): Promise<ContactView[]> {
  return (await listContacts(session.catalog)).map(contactView)
}

export function contactTable(contacts: readonly ContactView[]): string {
  if (contacts.length === 0) return 'Nobody is called. lifeboat contact add NAME --level dba --email ADDRESS changes that.'
  return table(
    ['LEVEL', 'NAME', 'PHONE', 'E-MAIL', 'NOTE', 'ID'],
    contacts.map((one) => [one.level, one.name, one.phone ?? '-', one.email ?? '-', one.note, one.id]),
  )
}

function printContacts(contacts: ContactView[]): void {
  print({ contacts }, () => contactTable(contacts))
}
