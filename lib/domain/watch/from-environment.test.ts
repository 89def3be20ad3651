import { expect, test } from 'vitest'
import { namedByEnvironment, type TellingEnvironment } from './from-environment.ts'

const named = (environment: TellingEnvironment) => namedByEnvironment(environment, 'shop-1')
const mailOf = (environment: TellingEnvironment) => named({ BACKUP_EMAIL_RECIPIENTS: 'ops@example.com', ...environment }).channels[0]

test('what the older scripts were told makes a Slack channel, mail and two contacts', () => {
  const all = named({
    SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
    BACKUP_EMAIL_RECIPIENTS: 'ops@example.com, dba@example.com;cto@example.com',
    SMTP_HOST: 'smtp.example.com',
    SMTP_PORT: '465',
    SMTP_USER: 'mailer',
    SMTP_PASSWORD: 'secret',
    EMERGENCY_CONTACT_PRIMARY: '+1-555-0100',
    EMERGENCY_EMAIL_PRIMARY: 'dba@example.com',
    EMERGENCY_CONTACT_SECONDARY: 'Jane O’Hara <jane@example.com> 24/7: (+49) 30 123 456',
  })
  expect(all.problems).toEqual([])
  expect(all.channels).toMatchObject([
    { kind: 'slack', config: { host: 'hooks.slack.com' }, secret: { url: 'https://hooks.slack.com/services/T/B/x' } },
    {
      kind: 'email',
      config: {
        host: 'smtp.example.com',
        port: 465,
        security: 'tls',
        username: 'mailer',
        from: 'lifeboat@example.com',
        to: ['ops@example.com', 'dba@example.com', 'cto@example.com'],
      },
      secret: { password: 'secret' },
    },
  ])
  expect(all.contacts).toMatchObject([
    { level: 'dba', name: 'Primary contact', phone: '+1-555-0100', email: 'dba@example.com' },
    { level: 'devops', name: 'Jane O’Hara 24 7', phone: '(+49) 30 123 456', email: 'jane@example.com' },
  ])
})

test('the sender and the encryption of mail follow from what is known', () => {
  expect(mailOf({})?.config).toMatchObject({ by: 'sendmail', from: 'lifeboat@shop-1' })
  expect(mailOf({ SMTP_HOST: 'example.com', SMTP_USER: 'backup@example.org' })?.config).toMatchObject({
    from: 'backup@example.org',
    port: 587,
    security: 'starttls',
  })
  expect(mailOf({ SMTP_HOST: 'localhost', SMTP_PORT: '25' })?.config).toMatchObject({ from: 'lifeboat@shop-1', security: 'none' })
  expect(mailOf({ SMTP_HOST: '10.0.0.8', SMTP_PORT: '25' })).toMatchObject({
    privateAllowed: true,
    config: { from: 'lifeboat@shop-1', security: 'starttls' },
  })
})

test('nothing is asked for by an empty environment', () => {
  expect(named({})).toEqual({ channels: [], contacts: [], kinds: [], levels: [], problems: [] })
})

test.each<[string, TellingEnvironment, string]>([
  ['an address that is not Slack’s', { SLACK_WEBHOOK_URL: 'https://chat.example.com/hidden-token' }, 'not one of Slack’s webhooks'],
  ['no address', { SLACK_WEBHOOK_URL: 'hidden-token' }, 'This is no address'],
  ['no recipient', { BACKUP_EMAIL_RECIPIENTS: 'hidden-token' }, 'no e-mail addresses'],
  ['a line break in a recipient', { BACKUP_EMAIL_RECIPIENTS: 'a@example.com\r\nBcc:hidden-token' }, 'no e-mail addresses'],
  ['a port that is none', { BACKUP_EMAIL_RECIPIENTS: 'a@b.c', SMTP_HOST: 'b.c', SMTP_PORT: 'hidden-token' }, 'no channel can be made of it (port)'],
  ['metadata of a cloud', { BACKUP_EMAIL_RECIPIENTS: 'a@b.c', SMTP_HOST: '169.254.169.254' }, 'no channel can be made of it'],
  ['a mail server and nobody to write to', { SMTP_HOST: 'b.c', SMTP_PASSWORD: 'hidden-token' }, 'nobody is written to'],
  ['a contact who cannot be reached', { EMERGENCY_CONTACT_PRIMARY: 'hidden-token' }, 'neither a telephone number nor'],
])('what is of no use is said without its value: %s', (_, environment, words) => {
  const { problems } = named(environment)
  expect(problems.join(' ')).toContain(words)
  expect(problems.join(' ')).not.toContain('hidden-token')
})
