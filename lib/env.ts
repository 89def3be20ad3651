import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/** Every secret may also be given as `NAME_FILE`, the path of a file that holds it. */
const secrets = [
  'DATABASE_URL',
  'DATABASE_MIGRATE_URL',
  'LIFEBOAT_KEY',
  'LIFEBOAT_OLD_KEYS',
  'LIFEBOAT_SECRET',
  'LIFEBOAT_AUDIT_KEY',
  'SUPABASE_ANON_KEY',
  'SUPABASE_ACCESS_TOKEN',
  'SUPABASE_DB_PASSWORD',
  'ENCRYPTION_KEY',
  'SLACK_WEBHOOK_URL',
  'SMTP_PASSWORD',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
] as const

const text = z.string().optional()
const schema = z
  .object({
    NODE_ENV: text,
    /** the project's directory: `.env` and relative paths are looked up there; default: the working directory */
    LIFEBOAT_ROOT: z.string().default(() => process.cwd()),
    /** the catalogue, through a session connection; unset: the embedded one */
    DATABASE_URL: text,
    /** the catalogue's owner, for migrations only; default: DATABASE_URL */
    DATABASE_MIGRATE_URL: text,
    LIFEBOAT_HOME: z.string().default('.lifeboat'),
    /** base64 of 32 bytes; worker and CLI only */
    LIFEBOAT_KEY: text,
    /** older master keys that still open: base64 of 32 bytes each, separated by spaces, commas or lines, the newest first */
    LIFEBOAT_OLD_KEYS: text,
    LIFEBOAT_SECRET: text,
    /** base64 of 32 bytes: the HMAC key of the audit chain; unset: LIFEBOAT_HOME/keys/audit.key */
    LIFEBOAT_AUDIT_KEY: text,
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    HOST: z.string().default('127.0.0.1'),
    /** public address: origin, links */
    LIFEBOAT_URL: z.url().optional(),
    LIFEBOAT_TRUSTED_PROXIES: z.string().default(''),
    /** default: LIFEBOAT_HOME/staging */
    LIFEBOAT_STAGING: text,
    LIFEBOAT_DEMO: z.enum(['0', '1']).default('1'),
    LIFEBOAT_NO_APT: z.enum(['0', '1']).default('0'),
    /** operations that one worker runs at a time */
    LIFEBOAT_CONCURRENCY: z.coerce.number().int().min(1).max(32).default(2),
    /** the worker's health endpoint, on loopback; 0: any free port */
    LIFEBOAT_WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    /** for tests: the process kills itself at this named point */
    LIFEBOAT_FAILPOINT: text,
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    LOG_FORMAT: z.enum(['json', 'text']).optional(),
    NO_COLOR: text,
    METRICS_TOKEN: text,
    /** `database add` takes the password from here, as the Postgres tools do */
    PGPASSWORD: text,
    SUPABASE_URL: text,
    SUPABASE_ANON_KEY: text,
    SUPABASE_ACCESS_TOKEN: text,
    SUPABASE_PROJECT_REF: text,
    SUPABASE_API_URL: text,
    SUPABASE_DB_HOST: text,
    SUPABASE_DB_USER: text,
    SUPABASE_DB_NAME: text,
    SUPABASE_DB_PASSWORD: text,
    ENCRYPTION_KEY: text,
    SLACK_WEBHOOK_URL: text,
    BACKUP_EMAIL_RECIPIENTS: text,
    SMTP_HOST: text,
    SMTP_PORT: text,
    SMTP_USER: text,
    SMTP_PASSWORD: text,
    EMERGENCY_CONTACT_PRIMARY: text,
    EMERGENCY_CONTACT_SECONDARY: text,
    EMERGENCY_EMAIL_PRIMARY: text,
    AWS_REGION: text,
    AWS_ACCESS_KEY_ID: text,
    AWS_SECRET_ACCESS_KEY: text,
    AWS_SESSION_TOKEN: text,
  })
  .transform((raw) => {
    const home = path.resolve(raw.LIFEBOAT_ROOT, raw.LIFEBOAT_HOME)
    return {
      ...raw,
      LIFEBOAT_HOME: home,
      LIFEBOAT_STAGING: raw.LIFEBOAT_STAGING ? path.resolve(raw.LIFEBOAT_ROOT, raw.LIFEBOAT_STAGING) : path.join(home, 'staging'),
      DATABASE_MIGRATE_URL: raw.DATABASE_MIGRATE_URL ?? raw.DATABASE_URL,
    }
  })

export type Env = z.output<typeof schema>

let known: Env | undefined

/** The environment, read and checked once, on first call: parsing at module level would break the web's build. */
export function env(): Env {
  known ??= readEnv(process.env)
  return known
}

/** Empty strings count as unset: `.env.example` lists names without values. */
export function readEnv(source: Record<string, string | undefined>): Env {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(source)) if (value !== undefined && value !== '') values[name] = value
  for (const name of secrets) {
    const file = values[`${name}_FILE`]
    if (values[name] === undefined && file !== undefined) values[name] = readFileSync(file, 'utf8').trim()
  }
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  // names and rules only: a value could be a secret
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The environment is not usable. ${problems.join('; ')}`)
}

/** What an entry point learned after start, such as the address of the embedded catalogue; not handed to children. */
export function useEnv(values: Partial<Env>): void {
  known = { ...env(), ...values }
}

/** For tests that change the environment. */
export function forgetEnv(): void {
  known = undefined
}
