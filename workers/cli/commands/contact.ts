import { type Command, Option } from 'commander'
import { listContacts } from '#lib/catalog/contacts.ts'
import { contactView } from '#lib/catalog/views/contacts.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { contactInput, escalationLevels, levelTitles } from '#lib/domain/watch/escalation.ts'
import type { ContactView } from '#lib/domain/watch-views.ts'
import { addContact, changeContact, removeContact } from '#lib/operations/watch-settings.ts'
import { confirm } from '../ask.ts'
import { print, table } from '../output.ts'
import { parsed } from '../parsed.ts'
import { type Session, withSession } from '../session.ts'

interface ContactOptions {
  level?: string
  email?: string | false
  phone?: string | false
  note?: string
  position?: string
}

export function addContacts(program: Command): void {
  const contact = program.command('contact').description('whom to call, in order: list, add, change, remove')
  contact
    .command('list')
    .description('everybody, by level')
    .action(async () => {
      printContacts(await withSession(contactsOf))
    })
  contactOptions(contact.command('add'), (level) => level.makeOptionMandatory())
    .description('add somebody; escalation writes to the address, the telephone number is for people')
    .argument('<name>')
    .action(async (name: string, options: ContactOptions) => {
      const input = parsed(contactInput, { name, ...fieldsOf(options) })
      const contacts = await withSession(async (session) => {
        await addContact(session.catalog, session.actor, input)
        return contactsOf(session)
      })
      printContacts(contacts)
    })
  contactOptions(contact.command('change'), (level) => level)
    .description('what is not said stays')
    .argument('<name>', 'or the id, where several have the name')
    .option('--name <name>', 'the new name')
    .option('--no-email', 'no address any more')
    .option('--no-phone', 'no number any more')
    .action(async (which: string, { name, ...options }: ContactOptions & { name?: string }) => {
      const change = { ...(name === undefined ? {} : { name }), ...fieldsOf(options) }
      if (Object.keys(change).length === 0) throw new LifeboatError('usage', 'What is to change?', 'lifeboat contact change --help')
      const contacts = await withSession(async (session) => {
        const { id, ...before } = await findContact(session, which)
        await changeContact(session.catalog, session.actor, id, parsed(contactInput, { ...before, ...change }))
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
        const found = await findContact(session, which)
        await confirm(`Take ${found.name} (${levelTitles[found.level]}) off the list? Nobody calls them any more.`, options.yes === true)
        await removeContact(session.catalog, session.actor, found.id)
        print({ contact: { id: found.id, name: found.name, removed: true } }, () => `${found.name} is off the list.`)
      })
    })
}

function contactOptions(command: Command, level: (option: Option) => Option): Command {
  return command
    .addOption(level(new Option('--level <level>', 'when it is their turn').choices(escalationLevels)))
    .option('--email <address>')
    .option('--phone <number>')
    .option('--note <text>', 'when, and for what')
    .option('--position <number>', 'within the level; 0 comes first')
}

/** What was said; `--no-email` and `--no-phone` say null. */
function fieldsOf({ level, email, phone, note, position }: ContactOptions): object {
  const fields = { level, email: email === false ? null : email, phone: phone === false ? null : phone, note, position: numbered(position) }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function numbered(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

/** Throws `not_found`, and `usage` where several have the name. */
async function findContact(session: Session, which: string): Promise<ContactView> {
  const [found, another] = (await contactsOf(session)).filter((one) => one.id === which || one.name === which)
  if (found === undefined) throw new LifeboatError('not_found', `There is no contact "${which}".`, 'lifeboat contact list shows them.')
  if (another !== undefined) throw new LifeboatError('usage', `Several contacts are called "${which}".`, 'Name one by its id: lifeboat contact list')
  return found
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
