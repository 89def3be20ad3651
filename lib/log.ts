import pino from 'pino'
import { env } from './env.ts'

/** Names whose values never reach a log, wherever they stand up to three levels deep. */
const secretNames = [
  'password',
  'passwordSealed',
  'secret',
  'secretSealed',
  'secretAccessKey',
  'accessKeyId',
  'deleteSecretAccessKey',
  'deleteAccessKeyId',
  'token',
  'authorization',
  'cookie',
  'key',
  'kek',
  'privateKey',
  'url',
]
const redact = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

let made: pino.Logger | undefined

function logger(): pino.Logger {
  made ??= makeLogger(env(), stderr())
  return made
}

/** stderr: stdout belongs to the data that a command prints. Synchronous, so that the last words of a dying process are kept. */
function stderr(): pino.DestinationStream {
  return pino.destination({ fd: 2, sync: true })
}

export function makeLogger(settings: { LOG_LEVEL: string; LOG_FORMAT?: 'json' | 'text' | undefined }, out: pino.DestinationStream): pino.Logger {
  const to = settings.LOG_FORMAT === 'text' ? { write: (line: string) => out.write(asText(line)) } : out
  return pino({ level: settings.LOG_LEVEL, base: null, redact, timestamp: pino.stdTimeFunctions.isoTime }, to)
}

/** `12:00:00 warn  the message  name=value …`, after pino has taken the secrets out. */
function asText(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as { level: number; time: string; msg: string }
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`)
  return `${[time.slice(11, 19), (pino.levels.labels[level] ?? '').padEnd(5), msg, ...rest].join(' ')}\n`
}

/** A value with anything but plain characters is quoted: nothing from outside can begin a line of its own. */
function plain(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)
}

type Fields = Record<string, unknown>

/** Structured log on stderr. The message is a fixed sentence; what varies stands in the fields. */
export const log = {
  debug: (message: string, fields: Fields = {}) => logger().debug(fields, message),
  info: (message: string, fields: Fields = {}) => logger().info(fields, message),
  warn: (message: string, fields: Fields = {}) => logger().warn(fields, message),
  error: (message: string, fields: Fields = {}) => logger().error(fields, message),
}
