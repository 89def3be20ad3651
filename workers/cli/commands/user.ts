import { type Command, Option } from 'commander'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Role, roles } from '#lib/domain/permissions.ts'
import { confirm, readSecretFile } from '../ask.ts'
import { print, table } from '../output.ts'
import { type Session, withSession } from '../session.ts'

export function addUser(program: Command): void {
  const user = program.command('user').description('people with an account')
  user
    .command('add')
    .description('invite a person by a one-time link, or make the account with a password from a file')
    .argument('<email>')
    .addOption(new Option('--role <role>', 'what the person may do').choices([...roles]).makeOptionMandatory())
    .option('--name <name>', "the person's name")
    .option('--password-file <file>', 'make the account at once; at least 12 characters')
    .action(async (email: string, options: { role: Role; name?: string; passwordFile?: string }) => {
      if (!/^[^@\s]+@[^@\s]+$/.test(email))
        throw new LifeboatError('usage', `"${email}" is not an e-mail address.`, 'lifeboat user add ada@example.org --role operator')
      await withSession(async (session) => {
        const { role } = options
        if (options.passwordFile === undefined) {
          const { makeInviteLink } = await import('#lib/auth/setup-link.ts')
          const link = await makeInviteLink(session.catalog, { email, role })
          await noteUser(session, 'user.invite', { email, role })
          const url = addressOf(session, link.path)
          print(
            { invitation: { email, role, url, expiresAt: link.expiresAt.toISOString() } },
            () => `Give this link to ${email}; it works once, until ${link.expiresAt.toISOString()}:\n${url}`,
          )
          return
        }
        const password = readSecretFile(options.passwordFile)
        if (password.length < 12) throw new LifeboatError('usage', 'The password has fewer than 12 characters.', 'Choose a longer one.')
        const { createPerson } = await import('#lib/auth/people.ts')
        const { id } = await createPerson({ email, name: options.name ?? email, password, role })
        await noteUser(session, 'user.add', { email, role }, id)
        print({ user: { id, email, role } }, () => `${email} can sign in as ${role}.`)
      })
    })
  user
    .command('password-link')
    .description('a one-time link with which a person chooses a new password')
    .argument('<email>')
    .action(async (email: string) => {
      await withSession(async (session) => {
        const { makePasswordLink } = await import('#lib/auth/setup-link.ts')
        const link = await makePasswordLink(session.catalog, email)
        await noteUser(session, 'user.password_link', { email })
        const url = addressOf(session, link.path)
        print(
          { passwordLink: { email, url, expiresAt: link.expiresAt.toISOString() } },
          () => `Give this link to ${email}; it works once, until ${link.expiresAt.toISOString()}:\n${url}`,
        )
      })
    })
  user
    .command('remove')
    .description('take an account away; its sessions end at once')
    .argument('<email>')
    .option('--yes', 'do not ask')
    .action(async (email: string, options: { yes?: boolean }) => {
      await withSession(async (session) => {
        const found = (await listUsers(session.catalog, session.actor)).find((one) => one.email === email.toLowerCase())
        if (found === undefined) throw new LifeboatError('not_found', `${email} has no account.`, 'lifeboat user list shows who has one.')
        await confirm(`Take the account of ${found.email} away? Its sessions end at once.`, options.yes === true)
        const { removePerson } = await import('#lib/auth/people.ts')
        await session.catalog.transaction().execute((trx) => removePerson(trx, found.id))
        await noteUser(session, 'user.remove', { email: found.email, role: found.role }, found.id)
        print({ user: { id: found.id, email: found.email, removed: true } }, () => `${found.email} has no account any more.`)
      })
    })
  user
    .command('list')
    .description('people with an account')
    .action(async () => {
      const users = await withSession((session) => listUsers(session.catalog, session.actor))
      print({ users }, () =>
        table(
          ['EMAIL', 'NAME', 'ROLE', 'ID'],
          users.map((one) => [one.email, one.name, one.role, one.id]),
        ),
      )
    })
}

function addressOf(session: Session, path: string): string {
  const origin = session.env.LIFEBOAT_URL ?? `http://${session.env.HOST}:${session.env.PORT}`
  return origin.replace(/\/+$/, '') + path
}

async function noteUser(session: Session, action: string, detail: Record<string, string>, id?: string): Promise<void> {
  await appendAudit(session.catalog, auditKey(), {
    ...auditActor(session.actor),
    action,
    subjectKind: 'user',
    ...(id === undefined ? {} : { subjectId: id }),
    outcome: 'done',
    detail,
  })
}
