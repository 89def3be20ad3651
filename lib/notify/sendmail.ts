import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Mail } from './email.ts'
import { delivered, notDelivered, type Sent } from './sent.ts'

/** EX_DATAERR, EX_NOUSER, EX_NOHOST of sysexits.h */
const ofRecipient: ReadonlySet<number> = new Set([65, 67, 68])

/**
 * The machine's own mail system. `-i`: a line with a dot ends nothing; `--`: what follows are addresses. Its environment is empty. Programs differ
 * in what their statuses mean, so each may be about the addresses.
 */
export async function sendmail(
  program: string,
  mail: Mail,
  { deadlineMs = 20_000, signal }: { deadlineMs?: number; signal?: AbortSignal },
): Promise<Sent> {
  if (!path.isAbsolute(program)) return notDelivered('The path of sendmail must be absolute.', { permanent: true })
  const deadline = AbortSignal.timeout(deadlineMs)
  return new Promise((resolve) => {
    const child = spawn(program, ['-i', '-f', mail.from, '--', ...mail.to], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NODE_ENV: 'production' },
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      killSignal: 'SIGKILL',
    })
    child.on('error', (error) => {
      if (deadline.aborted) resolve(notDelivered('sendmail did not end in time.'))
      else resolve(notDelivered('code' in error && error.code === 'ENOENT' ? 'There is no sendmail at this path.' : 'sendmail could not be started.'))
    })
    child.on('exit', (code) => {
      if (code === 0) resolve(delivered('sendmail took it.'))
      else if (code === null) resolve(notDelivered('sendmail was ended by a signal.'))
      else resolve(notDelivered(`sendmail refused it (${code}).`, { onlyThis: mail.personal && ofRecipient.has(code), onlyTo: true }))
    })
    // a program that ends without reading says so by its status
    child.stdin.on('error', () => {})
    child.stdin.end(mail.raw)
  })
}
