import { createHmac } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ChannelConfig, channelConfigs, mailAddress, type OpenChannel } from '#lib/domain/watch/channels.ts'
import type { MessageContent } from '#lib/domain/watch/message.ts'
import { type HttpSink, startHttpSink } from '../../test/support/http-sink.ts'
import { withMailServer } from '../../test/support/mail-server.ts'
import { send, type SendAbout } from './send.ts'

const content: MessageContent = {
  title: 'shop: <!channel> is "late" & more\r\nBcc: evil@example.com',
  tone: 'critical',
  lead: 'No backup since <https://evil.example|here>.',
  parts: [{ heading: '*Backups* of <shop>', lines: ['a < b && c > d', '<script>alert(1)</script>'], href: '/databases/1' }],
  href: '/alerts/7',
  at: '2026-01-01T00:00:00.000Z',
  data: { alertIds: ['7'] },
}
const about: SendAbout = {
  messageId: 'lifeboat-1-2',
  topic: 'alert',
  severity: 'critical',
  baseUrl: 'https://backup.example/',
  now: new Date('2026-01-01T00:00:00Z'),
}

let sink: HttpSink
beforeAll(async () => {
  sink = await startHttpSink()
})
afterAll(() => sink.close())
beforeEach(() => {
  sink.requests.length = 0
  sink.mood = { status: 200 }
})

test('Slack gets everything that people wrote as text: no mention, no link, no markup of theirs', async () => {
  const slack: OpenChannel = { kind: 'slack', config: { host: 'local' }, secret: { url: `${sink.url}/services/T/B/x` }, privateAllowed: true }
  expect(await send(slack, content, about)).toMatchObject({ ok: true, answer: 'Slack took it (200).' })
  const raw = sink.requests[0]?.body ?? ''
  const body = JSON.parse(raw) as { text: string; blocks: { text: { type: string; text: string } }[] }
  expect(body.text).toContain('&lt;!channel&gt;')
  const markup = body.blocks.filter((block) => block.text.type === 'mrkdwn').map((block) => block.text.text)
  expect(markup).toEqual([
    '*<https://backup.example/databases/1|Backups  of &lt;shop&gt;>*\na &lt; b &amp;&amp; c &gt; d\n&lt;script&gt;alert(1)&lt;/script&gt;',
    '<https://backup.example/alerts/7|Open in Lifeboat>',
  ])
  const plain = body.blocks.filter((block) => block.text.type === 'plain_text').map((block) => block.text.text)
  expect(plain).toEqual([expect.stringContaining('shop: <!channel>'), content.lead])
})

test('a host that is not Slack’s is no Slack channel, and Slack’s own words for a dead webhook are understood', async () => {
  const stranger: OpenChannel = {
    kind: 'slack',
    config: { host: 'x' },
    secret: { url: 'https://hooks.slack.com.evil.example/services/x' },
    privateAllowed: false,
  }
  expect(await send(stranger, content, about)).toMatchObject({ ok: false, permanent: true, answer: expect.stringContaining('not one of Slack') })
  const slack: OpenChannel = { kind: 'slack', config: { host: 'local' }, secret: { url: `${sink.url}/services/secret` }, privateAllowed: true }
  sink.mood = { status: 404, body: 'no_service' }
  expect(await send(slack, content, about)).toMatchObject({
    permanent: true,
    answer: 'Slack refused it: this webhook was switched off or removed (404).',
  })
  sink.mood = { status: 403, body: 'something else: <b>secret</b>' }
  expect(await send(slack, content, about)).toMatchObject({ permanent: true, answer: 'Slack refused the credentials (403).' })
})

test('a webhook is signed over its time and body, and an attempt is known by its id', async () => {
  const webhook: OpenChannel = {
    kind: 'webhook',
    config: { host: 'local' },
    secret: { url: `${sink.url}/hook`, signingKey: 'k'.repeat(32) },
    privateAllowed: true,
  }
  expect(await send(webhook, content, about)).toMatchObject({ ok: true, answer: 'The webhook took it (200).' })
  const request = sink.requests[0]
  const signature = createHmac('sha256', 'k'.repeat(32)).update(`1767225600.${request?.body}`).digest('hex')
  expect(request?.headers).toMatchObject({ 'lifeboat-id': 'lifeboat-1-2', 'lifeboat-signature': `t=1767225600,v1=${signature}` })
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    format: 1,
    topic: 'alert',
    severity: 'critical',
    href: 'https://backup.example/alerts/7',
    data: { alertIds: ['7'] },
  })
})

const moods = [
  [{ status: 500 }, { ok: false, permanent: false, onlyThis: false, answer: 'The webhook failed (500).' }],
  [
    { status: 429, headers: { 'retry-after': '120' } },
    { ok: false, permanent: false, retryAfterSeconds: 120 },
  ],
  [{ status: 413 }, { ok: false, onlyThis: true }],
  [{ status: 410 }, { ok: false, permanent: true }],
  [
    { status: 307, headers: { location: '/x' } },
    { ok: false, permanent: true, answer: expect.stringContaining('never followed') },
  ],
] as const
test.each(moods)('what a webhook answers is what is told: %j', async (mood, told) => {
  sink.mood = mood
  const webhook: OpenChannel = {
    kind: 'webhook',
    config: { host: 'local' },
    secret: { url: sink.url, signingKey: 'k'.repeat(32) },
    privateAllowed: true,
  }
  expect(await send(webhook, content, about)).toMatchObject(told)
})

const mailTo = (port: number, more: Partial<ChannelConfig<'email'>> = {}, password = ''): OpenChannel => ({
  kind: 'email',
  config: channelConfigs.email.parse({
    by: 'smtp',
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'lifeboat@example.com',
    to: ['dba@example.com'],
    ...more,
  }),
  secret: { password },
  privateAllowed: true,
})

test('a mail has the subject in one line, its content as text and as escaped HTML, and one Message-ID for every attempt', async () => {
  await withMailServer({}, async (port, mails) => {
    expect(await send(mailTo(port), content, about)).toMatchObject({ ok: true, answer: 'The mail server took it (250).' })
    expect(await send(mailTo(port), content, { ...about, recipient: 'cto@example.com' })).toMatchObject({ ok: true })
    expect(mails.map((mail) => mail.to)).toEqual([['dba@example.com'], ['cto@example.com']])
    const text = mails[0]?.text ?? ''
    const headers = text.slice(0, text.indexOf('\r\n\r\n'))
    expect(headers).not.toMatch(/^Bcc:/im)
    expect(headers).toContain('Message-ID: <lifeboat-1-2@example.com>')
    expect(headers).toContain('Auto-Submitted: auto-generated')
    const html = text.slice(text.indexOf('Content-Type: text/html'))
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;')
    expect(text).toContain('https://backup.example/alerts/7')
  })
})

test('what a mail server says is told as it is: wrong password, refused address, part of the addresses', async () => {
  const login: SMTPServerOptions = {
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) =>
      auth.password === 'right' ? done(null, { user: 'x' }) : done(Object.assign(new Error('secret words'), { responseCode: 535 })),
    onMailFrom: (address, _session, done) =>
      address.address.startsWith('stranger') ? done(Object.assign(new Error('who is that'), { responseCode: 550 })) : done(),
    onRcptTo: (address, _session, done) => {
      if (address.address.startsWith('gone')) return done(Object.assign(new Error('no such user'), { responseCode: 550 }))
      return address.address.startsWith('later') ? done(Object.assign(new Error('come back'), { responseCode: 450 })) : done()
    },
  }
  await withMailServer(login, async (port) => {
    const wrong = await send(mailTo(port, { username: 'me' }, 'wrong'), content, about)
    expect(wrong).toMatchObject({ ok: false, permanent: true, answer: 'The mail server refused the user name or the password (535).' })
    const gone = await send(mailTo(port, { username: 'me', to: ['gone@example.com'] }, 'right'), content, about)
    expect(gone).toMatchObject({ ok: false, permanent: true, answer: 'The mail server refused the sender or every address (550).' })
    const part = await send(mailTo(port, { username: 'me', to: ['gone@example.com', 'dba@example.com'] }, 'right'), content, about)
    expect(gone).toMatchObject({ onlyThis: false, onlyTo: true })
    const person = await send(mailTo(port, { username: 'me' }, 'right'), content, { ...about, recipient: 'gone@example.com' })
    expect(person).toMatchObject({ permanent: true, onlyThis: true, answer: 'The mail server refused the address (550).' })
    const sender = await send(mailTo(port, { username: 'me', from: 'stranger@example.com' }, 'right'), content, {
      ...about,
      recipient: 'cto@example.com',
    })
    expect(sender).toMatchObject({ permanent: true, onlyThis: false, onlyTo: false, answer: 'The mail server refused the sender (550).' })
    const later = await send(mailTo(port, { username: 'me' }, 'right'), content, { ...about, recipient: 'later@example.com' })
    expect(later).toMatchObject({ permanent: false, onlyThis: false, onlyTo: true, answer: 'The mail server refused the address (450).' })
    expect(part).toMatchObject({ ok: true, answer: 'The mail server took it for 1 of 2 addresses (250).' })
  })
})

test('where encryption is asked for, a server that offers none gets neither mail nor password', async () => {
  const seen: string[] = []
  const plain: SMTPServerOptions = {
    onAuth: (auth, _session, done) => {
      seen.push(String(auth.password))
      done(null, { user: 'x' })
    },
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
  }
  await withMailServer(plain, async (port, mails) => {
    const sent = await send(mailTo(port, { security: 'starttls', username: 'me' }, 'secret'), content, about)
    expect(sent).toMatchObject({ ok: false, answer: 'The mail server does not offer encryption as it is asked for here.' })
    expect({ seen, mails }).toEqual({ seen: [], mails: [] })
    const unconsented = { ...mailTo(port), privateAllowed: false }
    expect(await send(unconsented, content, about)).toMatchObject({ ok: false, permanent: true })
  })
})

test('a mail server that nobody runs, or that says nothing, is told as that', async () => {
  expect(await send(mailTo(1), content, about)).toMatchObject({ ok: false, answer: 'The connection was refused: nothing listens there.' })
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const sockets: Socket[] = []
  silent.on('connection', (socket) => sockets.push(socket))
  try {
    const { port } = silent.address() as AddressInfo
    const soon = AbortSignal.timeout(200)
    expect(await send(mailTo(port), content, { ...about, signal: soon })).toMatchObject({
      ok: false,
      answer: 'The mail server did not answer in time.',
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  }
})

test('nothing that could end a header or begin an option is a mail address', () => {
  for (const one of [
    'a@b.example\r\nBcc: c@d.example',
    '-oQ/tmp@example.com',
    'a b@example.com',
    'a@',
    '"x y"@example.com',
    'a@example.com,b@example.com',
  ]) {
    expect(mailAddress.safeParse(one).success, one).toBe(false)
  }
})

test('sendmail gets the addresses as arguments after --, the mail on its input, and its status is the answer', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'lifeboat-sendmail-'))
  try {
    const program = path.join(directory, 'sendmail')
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > ${directory}/args\ncat > ${directory}/mail\nexit $(cat ${directory}/status)\n`)
    chmodSync(program, 0o755)
    writeFileSync(path.join(directory, 'status'), '0')
    const channel = mailTo(25, { by: 'sendmail', sendmailPath: program })
    expect(await send(channel, content, about)).toMatchObject({ ok: true, answer: 'sendmail took it.' })
    expect(readFileSync(path.join(directory, 'args'), 'utf8')).toBe('-i\n-f\nlifeboat@example.com\n--\ndba@example.com\n')
    expect(readFileSync(path.join(directory, 'mail'), 'utf8')).toContain('Subject: ')
    writeFileSync(path.join(directory, 'status'), '75')
    expect(await send(channel, content, about)).toMatchObject({ ok: false, onlyThis: false, onlyTo: true, answer: 'sendmail refused it (75).' })
    writeFileSync(path.join(directory, 'status'), '67')
    expect(await send(channel, content, { ...about, recipient: 'gone@example.com' })).toMatchObject({ ok: false, onlyThis: true })
    expect(await send(mailTo(25, { by: 'sendmail', sendmailPath: '/nonexistent/sendmail' }), content, about)).toMatchObject({
      answer: 'There is no sendmail at this path.',
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
})
