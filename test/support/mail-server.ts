import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail server on this machine while `run` runs; `mails`: what it took, in order. `options` say what it refuses. */
export async function withMailServer(
  options: SMTPServerOptions,
  run: (port: number, mails: { to: string[]; text: string }[]) => Promise<void>,
): Promise<void> {
  const mails: { to: string[]; text: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map((one) => one.address), text: Buffer.concat(chunks).toString('utf8') })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run((server.server.address() as AddressInfo).port, mails)
  } finally {
    await new Promise<void>((resolve) => server.close(resolve))
  }
}
