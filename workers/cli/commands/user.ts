import { type Command, Option } from 'commander'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { listUsers } from '#lib/catalog/views/users.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Role, roles } from '#lib/domain/permissions.ts'
import { readSecretFile } from '../ask.ts'
import { print, table } from '../output.ts'
import { withSession } from '../session.ts'

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
          await appendAudit(session.catalog, auditKey(), {
            ...auditActor(session.actor),
            action: 'user.invite',
            subjectKind: 'user',
            outcome: 'done',
            detail: { email, role },
          })
          const origin = session.env.LIFEBOAT_URL ?? `http://${session.env.HOST}:${session.env.PORT}`
          const url = `${origin.replace(/\/+$/, '')}${link.path}`
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
        await appendAudit(session.catalog, auditKey(), {
          ...auditActor(session.actor),
          action: 'user.add',
          subjectKind: 'user',
          subjectId: id,
          outcome: 'done',
          detail: { email, role },
        })
        print({ user: { id, email, role } }, () => `${email} can sign in as ${role}.`)
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
