import type { Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type { ChannelConfig } from '#lib/domain/watch/channels.ts'
import { checkedAddresses, type Resolve } from '#lib/egress/checked-addresses.ts'
import { connectChecked } from './checked-socket.ts'
import { connectionProblem } from './connection-problem.ts'
import type { Mail } from './email.ts'
import { delivered, notDelivered, type Sent } from './sent.ts'

/** Through a mail server. The password is sent only after TLS, or to a server to which somebody consented to speak plainly. */
export async function sendBySmtp(
  config: ChannelConfig<'email'>,
  password: string,
  mail: Mail,
  { privateAllowed, deadlineMs = 20_000, signal, resolve }: { privateAllowed: boolean; deadlineMs?: number; signal?: AbortSignal; resolve?: Resolve },
): Promise<Sent> {
  if (config.security === 'none' && !privateAllowed) {
    return notDelivered('Mail goes out without encryption only where somebody has consented to it.', { permanent: true })
  }
  const deadline = AbortSignal.timeout(deadlineMs)
  const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  try {
    // a resolver that does not answer takes no longer than a server that does not
    const reached = await Promise.race([checkedAddresses(config.host, privateAllowed, resolve), aborted(stop)])
    if (!reached.ok) return notDelivered(reached.reason, { permanent: reached.permanent })
    const connection = await connectChecked(config.host, config.port, reached.addresses, { tls: config.security === 'tls', signal: stop })
    return await speak(config, password, mail, { connection, stop, deadlineMs })
  } catch (error) {
    return stop.aborted ? notDelivered('The mail server did not answer in time.') : notDelivered(connectionProblem(error))
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function speak(
  config: ChannelConfig<'email'>,
  password: string,
  mail: Mail,
  { connection, stop, deadlineMs }: { connection: Socket; stop: AbortSignal; deadlineMs: number },
): Promise<Sent> {
  const transport = createTransport({
    host: config.host,
    port: config.port,
    connection,
    secure: config.security === 'tls',
    secured: config.security === 'tls',
    requireTLS: config.security === 'starttls',
    ignoreTLS: config.security === 'none',
    tls: { servername: config.host, minVersion: 'TLSv1.2' },
    ...(config.username === '' ? {} : { auth: { user: config.username, pass: password } }),
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const late = () => connection.destroy(new Error('aborted'))
  stop.addEventListener('abort', late, { once: true })
  try {
    const info = await transport.sendMail({ envelope: { from: mail.from, to: mail.to }, raw: mail.raw })
    const refused = info.rejected.length
    const answer =
      refused === 0 ? 'The mail server took it' : `The mail server took it for ${mail.to.length - refused} of ${mail.to.length} addresses`
    return delivered(`${answer} (${statusOf(info.response) ?? 250}).`)
  } catch (error) {
    return stop.aborted ? notDelivered('The mail server did not answer in time.') : judged(error, mail.personal)
  } finally {
    stop.removeEventListener('abort', late)
    transport.close()
    connection.destroy()
  }
}

/**
 * RFC 5321 4.2: 4xx is for now, 5xx for good. What is refused after the sender was taken is about the addresses or the mail itself; 421 ends the
 * whole conversation.
 */
function judged(error: unknown, personal: boolean): Sent {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const status = error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null
  const said = status === null ? '' : ` (${status})`
  const forGood = status !== null && status >= 500
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return notDelivered(`The mail server refused the user name or the password${said}.`, { permanent: forGood })
  }
  if (code === 'ETLS') return notDelivered(tlsProblem(error))
  const command = error instanceof Error && 'command' in error ? error.command : null
  const onlyTo = status !== 421
  if (code === 'EENVELOPE' && command === 'RCPT TO' && personal) {
    return notDelivered(`The mail server refused the address${said}.`, { permanent: forGood, onlyThis: forGood, onlyTo })
  }
  if (code === 'EENVELOPE' && command === 'MAIL FROM') return notDelivered(`The mail server refused the sender${said}.`, { permanent: forGood })
  if (code === 'EENVELOPE') return notDelivered(`The mail server refused the sender or every address${said}.`, { permanent: forGood, onlyTo })
  if (code === 'EMESSAGE') return notDelivered(`The mail server refused it${said}.`, { onlyThis: forGood, onlyTo })
  if (status !== null) return notDelivered(`The mail server refused it${said}.`)
  return notDelivered(connectionProblem(error))
}

/** Of the raw text of the error only these are known; the code is lost on the way. */
const tlsPhrases: readonly (readonly [RegExp, string])[] = [
  [/expired/i, 'The certificate of the mail server has ended.'],
  [/self.signed/i, 'The certificate of the mail server is signed by itself, or by an authority that is not trusted here.'],
  [/unable to (?:verify|get)/i, 'The certificate of the mail server is signed by an authority that is not trusted here.'],
  [/does not match|altnames/i, 'The certificate of the mail server is for another name.'],
]

function tlsProblem(error: unknown): string {
  const text = error instanceof Error ? error.message : ''
  return tlsPhrases.find(([phrase]) => phrase.test(text))?.[1] ?? 'The mail server does not offer encryption as it is asked for here.'
}

function statusOf(response: string | undefined): number | null {
  const status = /^(\d{3})\b/.exec(response ?? '')?.[1]
  return status === undefined ? null : Number(status)
}
