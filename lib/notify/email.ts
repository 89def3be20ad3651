import { createTransport } from 'nodemailer'
import { type ChannelConfig, type ChannelSecret, mailAddress } from '#lib/domain/watch/channels.ts'
import type { MessageContent } from '#lib/domain/watch/message.ts'
import { mailText } from './mail-text.ts'
import { notDelivered, type Sent } from './sent.ts'
import { sendmail } from './sendmail.ts'
import { sendBySmtp } from './smtp.ts'

export interface Mail {
  from: string
  to: string[]
  /** for one person, who is not the channel: a refused address says nothing of the next one's */
  personal: boolean
  /** the finished message, RFC 5322 with CRLF */
  raw: Buffer
}

/** One mail to the channel’s addresses, or to `recipient` alone. Every address is looked at again before it becomes a part of a command. */
export async function sendByMail(
  config: ChannelConfig<'email'>,
  secret: ChannelSecret<'email'>,
  content: MessageContent,
  about: { messageId: string; recipient: string | null; privateAllowed: boolean; baseUrl: string | null; signal?: AbortSignal; deadlineMs?: number },
): Promise<Sent> {
  const personal = about.recipient !== null
  const to = about.recipient === null ? config.to : [about.recipient]
  const sender = isAddress(config.from)
  if (!sender || !to.every(isAddress)) {
    return notDelivered('One of its addresses is no e-mail address.', { permanent: true, onlyThis: sender && personal, onlyTo: sender })
  }
  const mail = { from: config.from, to, personal, raw: await composed(config.from, to, content, about) }
  if (config.by === 'sendmail') return sendmail(config.sendmailPath, mail, about)
  return sendBySmtp(config, secret.password, mail, about)
}

function isAddress(text: string): boolean {
  return mailAddress.safeParse(text).success
}

/** Message-ID: the same for every attempt, so a mail that arrives twice is shown once. Auto-Submitted: RFC 3834, so nobody's absence answers. */
async function composed(
  from: string,
  to: string[],
  content: MessageContent,
  { messageId, baseUrl }: { messageId: string; baseUrl: string | null },
): Promise<Buffer> {
  const { subject, text, html } = mailText(content, baseUrl)
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message } = await composer.sendMail({
    from: { name: 'Lifeboat', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject,
    text,
    html,
    messageId: `<${messageId}@${from.slice(from.indexOf('@') + 1)}>`,
    headers: { 'Auto-Submitted': 'auto-generated', ...(content.tone === 'critical' ? { Importance: 'high', 'X-Priority': '1' } : {}) },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  if (!Buffer.isBuffer(message)) throw new Error('the mail was not composed')
  return message
}
