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
  'token',
  'authorization',
  'cookie',
  'key',
  'url',
]
const redact = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

let made: pino.Logger | undefined

function logger(): pino.Logger {
  if (made) return made
  const { LOG_LEVEL } = env()
  // stderr: stdout belongs to the data that a command prints
  made = pino({ level: LOG_LEVEL, base: null, redact, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
  return made
}

type Fields = Record<string, unknown>

/** Structured log on stderr. The message is a fixed sentence; what varies stands in the fields. */
export const log = {
  debug: (message: string, fields: Fields = {}) => logger().debug(fields, message),
  info: (message: string, fields: Fields = {}) => logger().info(fields, message),
  warn: (message: string, fields: Fields = {}) => logger().warn(fields, message),
  error: (message: string, fields: Fields = {}) => logger().error(fields, message),
}
